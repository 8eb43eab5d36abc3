"""Credential `file`: a proxy, certificate or token that something else keeps fresh."""

from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import PrivateAttr, ValidationInfo, field_validator, model_validator

from autopyfactory.clients.certificates import Chain, is_pem, read_chain
from autopyfactory.clients.kept import mark, read, refuse_others
from autopyfactory.clients.tokens import read_token
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place, Proof
from autopyfactory.options import CredentialSection, Location

FORBIDDEN = {CredentialType.X509: 0o077, CredentialType.TOKEN: 0o027}  # what others may not do with the file


class Look(NamedTuple):
    """What a file held, and by what we know that it holds the same still."""

    mark: tuple[int, ...]
    type: CredentialType
    proof: Proof


class FileOptions(CredentialSection):
    """A file."""

    type: Literal[CredentialType.X509, CredentialType.TOKEN] | None = None
    """'x509' or 'token'; unset: what the file holds, which then must be there with the configuration."""
    path: Location
    """The file: an X.509 proxy or certificate with its private key in PEM, or a JSON Web Token."""

    _holds: CredentialType = PrivateAttr(CredentialType.X509)

    @field_validator("path")
    @classmethod
    def check_path(cls, path: Path, info: ValidationInfo) -> Path:
        """Without a type the file must say now what it holds."""
        if "type" in info.data and info.data["type"] is None:
            find_type(path.absolute())
        return path.absolute()

    @model_validator(mode="after")
    def check_type(self) -> Self:
        """What it holds, as somebody said or as it says itself."""
        self._holds = self.type or find_type(self.path)
        return self

    @property
    def holds(self) -> CredentialType:
        """The type that it has or will have."""
        return self._holds


class FileCredential:
    """A file with a proxy, a certificate or a token, which something else renews.

    It is read again whenever it changed.  Until when it is valid it says itself: of a chain of certificates
    the first to expire counts.  A file that others may read is refused, as grid tools do.
    """

    options = FileOptions

    def __init__(self, options: FileOptions, place: Place) -> None:  # noqa: ARG002
        self.type = options.holds
        self._path = options.path
        self._last: Look | None = None

    def proof(self) -> Proof:
        """What the file says; read anew when it is not the one that was read last."""
        try:
            if self._last is None or mark(self._path.stat()) != self._last.mark:
                self._last = look(self._path)
        except OSError as error:
            raise Unavailable(f"'{self._path}': {error.strerror}") from error
        except ValueError as error:
            raise Unavailable(str(error)) from error
        if self._last.type is not self.type:
            raise Unavailable(f"'{self._path}' holds a credential of type {self._last.type}, not {self.type}")
        return self._last.proof

    def renew(self) -> None:
        """Something else does."""


def find_type(path: Path) -> CredentialType:
    """What the file holds; `ValueError` says what is wrong."""
    try:
        return look(path).type
    except OSError as error:
        raise ValueError(f"'{path}': {error.strerror}") from error


def look(path: Path) -> Look:
    """What the file holds now; `ValueError` or `OSError` says what is wrong."""
    status, content = read(path)
    try:
        kind = CredentialType.X509 if is_pem(content) else CredentialType.TOKEN
        said = read_chain(content) if kind is CredentialType.X509 else read_token(content)
    except ValueError as error:
        raise ValueError(f"'{path}' {error}") from error
    refuse_others(path, status, FORBIDDEN[kind])
    subject = said.holder if isinstance(said, Chain) else said.subject
    proof = Proof(path=path, subject=subject, begin=said.begin, end=said.end)
    return Look(mark(status), kind, proof)
