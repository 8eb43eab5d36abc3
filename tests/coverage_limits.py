"""Hold each file to its share of tested lines and branches: `python tests/coverage_limits.py [--core]`.

Reads what `coverage run` left behind.  The core, every file directly in the package, must be covered in
full, all others to 90 %.  With --core only the core is looked at.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import PurePath

CORE, OTHERS = 100.0, 90.0


def limit(file: str) -> float:
    """What is asked of `file`, in per cent."""
    return CORE if PurePath(file).parent.name == "autopyfactory" else OTHERS


def failures(covered: Mapping[str, float], *, core: bool = False) -> list[str]:
    """A sentence for each file below its limit; `covered` in per cent, by file."""
    looked_at = [file for file in sorted(covered) if not core or limit(file) == CORE]
    return [
        f"{file}: {covered[file]:.1f} % of lines and branches are tested; at least {limit(file):.0f} %"
        for file in looked_at
        if covered[file] < limit(file)
    ]


def measured() -> dict[str, float]:
    """What `coverage` measured, in per cent by file."""
    command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", "-"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120)
    return {
        name: file["summary"]["percent_covered"] for name, file in json.loads(answer.stdout)["files"].items()
    }


def main(core: bool) -> int:
    """Print what falls short, and say with 1 that something does."""
    covered = measured()
    found = failures(covered, core=core)
    print("\n".join(found) or f"coverage: all limits kept in {len(covered)} files")
    if found:
        print("see which lines: .venv/bin/coverage report --skip-covered")
    return 1 if found or not covered else 0


if __name__ == "__main__":
    sys.exit(main("--core" in sys.argv[1:]))
