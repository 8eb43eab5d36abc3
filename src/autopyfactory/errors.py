"""What can go wrong, named by what the reader does about it."""


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


class Rejected(FactoryError):
    """Asking again is useless: the target refused the act, and nothing of it happened."""


def may_have_happened(error: Exception) -> bool:
    """Whether an act that ended with this error may have been done all the same."""
    return not isinstance(error, FactoryError) or (isinstance(error, Unavailable) and not error.untouched)
