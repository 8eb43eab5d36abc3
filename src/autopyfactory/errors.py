"""What can go wrong, named by what the reader does about it."""

import logging
from typing import TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


class FactoryError(Exception):
    """The common ancestor: everything the factory raises on purpose."""


class ConfigError(FactoryError):
    """An operator mends it: the message names file, section, key and the nearest right word."""


class Unavailable(FactoryError):
    """Ask again next cycle: there was no answer, or only a part of one.

    When it ends an act (submit, retire) the act may have happened all the same, and the core treats
    it so, unless `untouched` says that it surely did not begin.
    """

    def __init__(self, message: str, *, untouched: bool = False) -> None:
        super().__init__(message)
        self.untouched = untouched


class Closed(Unavailable):
    """Nobody is to be asked any more: the factory stops, or a reload took the section away."""


class Unproven(Unavailable):
    """There is no valid credential: nothing was tried, and it says nothing of who would have been asked."""


class Rejected(FactoryError):
    """Asking again is useless: the target refused the act, and nothing of it happened."""


def may_have_happened(error: Exception) -> bool:
    """Whether an act that ended with this error may have been done all the same."""
    return not isinstance(error, FactoryError) or (isinstance(error, Unavailable) and not error.untouched)


def unpack(answer: T | Exception) -> T:
    """An answer that may be an error in its place: the answer, or raise it."""
    if isinstance(answer, Exception):
        raise answer
    return answer


def given_up(error: BaseException | None) -> bool:
    """Whether a cycle ended because what it asked was closed under it, which is nobody's fault."""
    return error is not None and (isinstance(error, Closed) or given_up(error.__cause__))


def keep(error: Exception) -> Exception:
    """The same error without the frames that its traceback keeps alive, for reports outlive them.

    Those of a bug go to the log first, for who looks for it (level debug).
    """
    if not isinstance(error, FactoryError):
        log.debug("an error that nobody expected", exc_info=error)
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error
