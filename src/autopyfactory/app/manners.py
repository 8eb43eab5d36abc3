"""The manners of all commands: errors are sentences and exit codes, or JSON; nothing ends in a traceback."""

import errno
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps

import typer

from autopyfactory.errors import ConfigError, FactoryError

# The ancestor of all complaints about words of the command line, for which typer has no public name.
USAGE: type[Exception] = typer.BadParameter.__mro__[2]
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def guarded(command: Callable[..., int]) -> Callable[..., None]:
    """A command whose errors, those that somebody can mend or wait out, are sentences and exit codes."""

    @wraps(command)
    def run(**options: object) -> None:
        try:
            code = command(**options)
        except FactoryError as error:
            code = 2 if isinstance(error, ConfigError) else 1
            tell(error, as_json=bool(options.get("as_json")))
        raise typer.Exit(code)

    return run


def tell(error: Exception, *, as_json: bool) -> None:
    """An error for people, or as JSON."""
    from autopyfactory.app.commands.output import emit, trouble

    if as_json:
        emit({"error": str(error), "problems": [asdict(one) for one in getattr(error, "problems", ())]})
    else:
        trouble(str(error))


def perform(app: typer.Typer, words: Sequence[str]) -> int:
    """Run the command that `words` ask for, to its exit code."""
    try:
        code = app(list(words), standalone_mode=False)
        sys.stdout.flush()
    except USAGE as error:
        return complain(error, as_json="--json" in until_dashes(words))
    except typer.Abort:
        return 1
    except BrokenPipeError:  # whoever read it has seen enough
        return 1
    except OSError as error:
        if error.errno not in FULL or error.filename is not None:
            raise
        sys.stderr.write(f"standard output: {error.strerror}\n")
        return 1
    return code if isinstance(code, int) else 0


def complain(error: Exception, *, as_json: bool) -> int:
    """Say what is wrong with the words of a command; for a program as JSON."""
    words = getattr(error, "format_message", error.__str__)()
    if as_json:
        tell(ConfigError(words), as_json=True)
    else:
        getattr(error, "show", lambda: None)()
    return 2


def until_dashes(words: Sequence[str]) -> Sequence[str]:
    """The words that are ours: those behind '--' are somebody else's."""
    return words[: words.index("--")] if "--" in words else words
