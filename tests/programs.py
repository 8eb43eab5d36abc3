"""Stand-ins for programs of the grid, which say what a test wants; integration tests have the real ones."""

from collections.abc import Sequence
from pathlib import Path

VOMS = """#!/bin/sh
cd '{folder}'
printf '%s\\n' "$@" >words
env >environment
while [ $# -gt 0 ]; do
  if [ "$1" = -separate ] && [ -e answer ]; then cp answer "$2"; fi
  shift
done
cat complaint >&2
exit {code}
"""
MYPROXY = """#!/bin/sh
cd '{folder}'
printf '%s\\n' "$@" >words
env >environment
cat >told
cat complaint >&2
cat answer
exit {code}
"""


class Program:
    """A program in a folder of its own."""

    def __init__(self, folder: Path, script: str = VOMS) -> None:
        folder.mkdir()
        self.folder = folder
        self._script = script
        self.path = folder / "program"
        self.answers(None)

    def answers(self, answer: bytes | None, complaint: str = "", code: int = 0) -> None:
        """What it gives, says on standard error, and ends with from now on."""
        (self.folder / "answer").unlink(missing_ok=True)
        if answer is not None:
            (self.folder / "answer").write_bytes(answer)
        (self.folder / "complaint").write_text(complaint)
        self.path.write_text(self._script.format(folder=self.folder, code=code))
        self.path.chmod(0o755)

    @property
    def words(self) -> Sequence[str]:
        """What it was called with last; nothing if it never was."""
        file = self.folder / "words"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def environment(self) -> Sequence[str]:
        """What it found in its environment."""
        return (self.folder / "environment").read_text().splitlines()
