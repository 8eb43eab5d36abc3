"""How a schedd and its collector come to know us, where the HTCondor configuration is not to say it."""

import os
import re
import stat
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from autopyfactory.clients.secret import NO_FILE
from autopyfactory.clients.there import check_there
from autopyfactory.options import Location, Options

FORBIDDEN = re.compile(r"[\n\r$]")  # what a value of HTCondor's configuration cannot hold as it is written


class Method(StrEnum):
    """Ways to authenticate, in HTCondor's words."""

    IDTOKENS = "IDTOKENS"
    SCITOKENS = "SCITOKENS"
    SSL = "SSL"
    PASSWORD = "PASSWORD"  # noqa: S105  # the name of a method
    KERBEROS = "KERBEROS"
    MUNGE = "MUNGE"
    FS = "FS"


def check_path(path: Path) -> Path:
    """A path that HTCondor's configuration can hold, and that is there for us to read."""
    if FORBIDDEN.search(str(path)):
        raise ValueError(f"'{path}' holds a line break or a '$', which HTCondor would make something else of")
    return check_there(path)


def check_file(path: Path) -> Path:
    """A file that we can read."""
    if not check_path(path).is_file():
        raise ValueError(f"'{path}' is no regular file")
    return path


def check_secret(path: Path) -> Path:
    """A file that nobody else can read, for HTCondor uses no other."""
    if not os.access(path, os.R_OK):  # not told: it may be the secret itself
        raise ValueError(NO_FILE)
    mode = stat.S_IMODE(check_file(path).stat().st_mode)
    if mode & 0o077:
        raise ValueError(f"'{path}' is a secret that others may read (mode {mode:o}); chmod 600")
    return path


def check_tokens(path: Path) -> Path:
    """A folder with at least one token of ours; HTCondor passes over all others, and says nothing."""
    if not check_path(path).is_dir() or not os.access(path, os.X_OK):
        raise ValueError(
            f"'{path}' is no folder that we can look into; it wants the one that holds the token"
        )
    files = [file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")]
    if not files:
        raise ValueError(f"'{path}' holds no token")
    if not any(file.stat().st_uid == os.geteuid() and os.access(file, os.R_OK) for file in files):
        raise ValueError(f"'{path}': no token there belongs to us, and HTCondor uses no other; chown it")
    return path


File = Annotated[Location, AfterValidator(check_file)]
Secret = Annotated[Location, AfterValidator(check_secret)]
Tokens = Annotated[Location, AfterValidator(check_tokens)]
Authority = Annotated[Location, AfterValidator(check_path)]


class Security(Options):
    """As whom we come; what is not said here is as the HTCondor configuration says."""

    methods: tuple[Method, ...] = ()
    """Ways to authenticate, the best first; by default those that the other options are for."""
    tokens: Tokens | None = None
    """Folder of tokens, for IDTOKENS."""
    password: Secret | None = None
    """File of the pool's password, for PASSWORD."""
    certificate: File | None = None
    """X.509 certificate or proxy (PEM), for SSL."""
    key: Secret | None = None
    """Private key of `certificate`; by default in the same file, as proxies have it."""
    ca: Authority | None = None
    """Who vouches for the schedd, for SSL: a file of certificates, or a folder of them as grids have it."""

    @model_validator(mode="after")
    def check_methods(self) -> Self:
        """Each option belongs to a method that is used, and there is one at least."""
        for name, method in METHODS.items():
            if getattr(self, name) is not None and self.methods and method not in self.methods:
                raise ValueError(f"{name} is for the method {method}, which methods lacks")
        if not self.methods and not any(getattr(self, name) for name in METHODS):
            raise ValueError("says nothing; set tokens, password, or certificate, or name methods")
        if self.key is not None and self.certificate is None:
            raise ValueError("key wants to know its certificate")
        if self.certificate is not None and self.key is None:
            check_secret(self.certificate)
        return self

    @property
    def used(self) -> tuple[Method, ...]:
        """The methods, in order."""
        told = dict.fromkeys(method for name, method in METHODS.items() if getattr(self, name) is not None)
        return self.methods or tuple(told)

    @property
    def settings(self) -> tuple[tuple[str, str], ...]:
        """Settings of HTCondor; what is sent is encrypted, for credentials are among it."""
        return (
            *((f"SEC_CLIENT_{what}", "REQUIRED") for what in ("AUTHENTICATION", "ENCRYPTION", "INTEGRITY")),
            ("SEC_CLIENT_AUTHENTICATION_METHODS", ", ".join(self.used)),
            *self._files(),
        )

    def _files(self) -> Iterator[tuple[str, str]]:
        if self.tokens is not None:
            yield "SEC_TOKEN_DIRECTORY", str(self.tokens)
            yield "SEC_TOKEN_SYSTEM_DIRECTORY", str(self.tokens)  # where root's tools look
        if self.password is not None:
            yield "SEC_PASSWORD_FILE", str(self.password)
        if self.certificate is not None:
            yield "AUTH_SSL_CLIENT_CERTFILE", str(self.certificate)
            yield "AUTH_SSL_CLIENT_KEYFILE", str(self.key or self.certificate)
        if self.ca is not None:
            yield f"AUTH_SSL_CLIENT_CA{'DIR' if self.ca.is_dir() else 'FILE'}", str(self.ca)


METHODS = {
    "tokens": Method.IDTOKENS,
    "certificate": Method.SSL,
    "ca": Method.SSL,
    "password": Method.PASSWORD,
}
