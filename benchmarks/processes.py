"""What processes cost, as the kernel tells: processor seconds and memory, descendants included."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """A process and its living descendants."""
    parents = {int(entry.name): parent(entry) for entry in PROC.iterdir() if entry.name.isdigit()}
    found = [pid]
    for one in found:
        found += [child for child, its in parents.items() if its == one]
    return found


def parent(entry: Path) -> int:
    """Whose child it is; 0 when it has just ended."""
    words = stat(entry)
    return int(words[1]) if words else 0


def stat(entry: Path) -> list[str]:
    """The fields of its status from the third on; none when it has just ended."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu(pid: int) -> float:
    """Processor seconds of a process, its descendants and those of them that have ended, user and system."""
    rows = [stat(PROC / str(one)) for one in family(pid)]
    return sum(int(number) for row in rows for number in row[11:15]) / TICKS


def memory(pid: int) -> float:
    """MB of a process and its descendants; of what several share, each counts its part (PSS)."""
    return sum(pss(PROC / str(one)) for one in family(pid)) / 1024


def pss(entry: Path) -> int:
    """KiB of one process; 0 when it has just ended."""
    try:
        lines = (entry / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def schedd(config: Path) -> int:
    """The process of the schedd of a pool of the test bed, known by its client configuration."""
    master = int((config.parent / "master.pid").read_text())
    names = {pid: (PROC / str(pid) / "comm").read_text().strip() for pid in family(master)}
    return next(pid for pid, name in names.items() if name == "condor_schedd")
