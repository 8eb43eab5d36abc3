"""What programs of the grid complain of, over many lines and between the dots that they draw."""

from autopyfactory.clients.printable import printable

NOISE = ("Function:", "File=", "Cannot open file")  # where in itself it was, and what it could do without
DRAWN = set(" .+*")


def explain(complaint: str) -> str:
    """All that it says, in one line."""
    lines = (line.strip() for line in complaint.splitlines())
    return printable(" ".join(line for line in lines if set(line) - DRAWN and not line.startswith(NOISE)))
