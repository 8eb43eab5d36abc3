"""All benchmarks: prints a table and writes build/bench.json.  Arguments pick some by name.

Each figure is a ratio against a raw limit of the same run, or a count, so that a noisy machine does
not decide.  A benchmark is a module with `run() -> list[Figure]`.
"""

import importlib
import json
import sys
from pathlib import Path

from figures import Figure
from rich.console import Console
from rich.table import Table

BENCHMARKS = ("decisions", "queues", "simulation", "htcondor", "late", "cycle", "fill", "faults")
BENCHMARKS += ("history", "replay", "panda", "catalog")
RESULT = Path("build/bench.json")


def main(names: list[str]) -> int:
    """Run what is named, or all; 1 if a limit is missed, 2 for a name that does not exist."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name in names or BENCHMARKS:
        print(f"... {name}", file=sys.stderr)
        figures += importlib.import_module(name).run()
        write(figures)  # all takes more than an hour: what is measured stays
    Console().print(table(figures))
    return 0 if all(figure["ok"] for figure in figures) else 1


def write(figures: list[Figure]) -> None:
    """The figures so far for a program."""
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")


def table(figures: list[Figure]) -> Table:
    """The figures for a person."""
    table = Table("benchmark", "value", "unit", "limit", "", "how")
    for figure in figures:
        verdict = ("ok" if figure["ok"] else "missed") if figure["limit"] else ""
        table.add_row(
            figure["name"], f"{figure['value']:g}", figure["unit"], figure["limit"], verdict, figure["how"]
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
