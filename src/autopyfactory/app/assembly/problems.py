"""Problems of a configuration: where they are, and what to mend."""

from collections.abc import Collection, Iterator, Mapping

from autopyfactory.configuration import Configuration, Problem

Path = tuple[str | int, ...]  # ("policies", 2, "limit")


class Findings:
    """All problems of one reading, each once, in the order in which they were found."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._found: dict[Problem, None] = {}

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def add(self, entry: Collection[str], path: Path, text: str) -> Problem:
        """A problem of the section `entry`, ("queue", "SITE_A"), at `path` in it."""
        keys = [part for part in path if isinstance(part, str)]
        problem = Problem(
            file=self.configuration.file(*entry, *keys),
            section=write_section(entry),
            key=write_path(path),
            text=text,
        )
        return self.note(problem)

    def note(self, problem: Problem) -> Problem:
        """A problem that is known already, of another section perhaps."""
        self._found.setdefault(problem)
        return problem


def write_problem(data: Mapping[str, str]) -> str:
    """The line that operators read, of a problem that came as data."""
    return str(Problem(**data))


def write_section(entry: Collection[str]) -> str:
    """The title of a section, as in the file: 'queue.SITE_A', 'queue."SITE A"'."""
    return ".".join(write_key(part) for part in entry)


def write_path(path: Path) -> str:
    """A path as an operator would write it: 'policies[2].limit'."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{write_key(part)}"
    return text.removeprefix(".")


def write_key(key: str) -> str:
    """A key as TOML wants it: in quotes unless it is a plain word; a long one is cut."""
    short = key if len(key) <= 80 else key[:77] + "..."
    plain = short.isascii() and short.replace("_", "a").replace("-", "a").isalnum()
    return short if plain else repr(short)
