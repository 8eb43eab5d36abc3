"""An account of this machine, as an operator names it."""

import os
import pwd
from typing import Annotated

from pydantic import AfterValidator


def find_account(name: str) -> str:
    """The name; `ValueError` when there is no such account, or when files cannot be given to it."""
    if not name:
        return name
    try:
        account = pwd.getpwnam(name)
    except KeyError as error:
        raise ValueError(f"there is no account {name!r} on this machine") from error
    if os.getuid() not in (0, account.pw_uid):
        raise ValueError(f"only root can give files to {name!r}")
    return name


Account = Annotated[str, AfterValidator(find_account)]
