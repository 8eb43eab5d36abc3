"""Text of others on one line of a log."""

LONGEST = 300


def printable(text: str) -> str:
    """The text without line breaks and other controls, and not too long."""
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
    return "".join(character if character.isprintable() else "?" for character in short)
