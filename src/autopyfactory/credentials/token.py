"""Credential `token`: a bearer token that an issuer gives, or that was left where WLCG's rules say."""

import logging
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from autopyfactory.clients.account import Account
from autopyfactory.clients.discovery import discover
from autopyfactory.clients.kept_token import KeptToken, refuse_short
from autopyfactory.clients.oauth import Client, Granted, Issuer, check_issuer
from autopyfactory.clients.secret import Secret, read_word
from autopyfactory.clients.tokens import Token, read_token
from autopyfactory.clients.web import Web
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place, Proof
from autopyfactory.options import (
    CredentialSection,
    Duration,
    Flag,
    Location,
    Timeout,
)

FOLDER = "credentials"  # in the state folder
EVERYBODY = {"https://wlcg.cern.ch/jwt/v1/any", "ANY"}  # audiences of WLCG and SciTokens
UNSEEN = {"openid", "offline_access"}  # scopes that no access token repeats

log = logging.getLogger(__name__)


Words = tuple[Annotated[str, Field(pattern=r"^[!-~]+$")], ...]  # without blanks, which stand between them


class TokenOptions(CredentialSection):
    """A token that is asked for."""

    issuer: Annotated[str, AfterValidator(check_issuer)] | None = None
    """Its issuer's address, 'https://iam.example.org'."""
    client_id: str = ""
    """As whom the issuer is asked."""
    client_secret: Secret | None = None
    """File with the client's secret, mode 600."""
    refresh_token: Secret | None = None
    """File with a refresh token, mode 600; unset: the client asks for itself (client credentials)."""
    scopes: Words = ()
    """What it shall be good for, ['compute.create', 'compute.read']; empty: as the issuer has it."""
    audiences: Words = ()
    """Who shall take it, sent as `audience`, which issuers of WLCG understand."""
    resources: Words = ()
    """The same, sent as `resource`, as RFC 8707 has it."""
    authorities: Location | None = None
    """Folder of CA certificates named by hash, or a file of them; unset: those of the system."""
    timeout: Timeout = timedelta(seconds=30)
    """How long the issuer may take for one answer."""
    discover: Flag = False
    """Take it from where WLCG's rules of bearer token discovery say, and ask no issuer."""
    renew: Duration | None = None
    """How long before its end it is renewed; unset: when half of its life is over."""
    path: Location | None = None
    """The file to keep it in; unset: one in the state folder."""
    owner: Account = ""
    """The account that the file is given to, where the factory runs as root; empty: the factory's own."""

    @model_validator(mode="after")
    def check_way(self) -> Self:
        """There is one way to come to a token."""
        asks = ("issuer", "client_id", "client_secret", "refresh_token", "scopes", "audiences", "resources")
        if self.discover:
            if idle := [name for name in asks if getattr(self, name)]:
                raise ValueError(f"{idle[0]} is for an issuer, whom discover = true does not ask")
        elif self.issuer is None:
            raise ValueError("wants issuer = 'https://HOST', or discover = true")
        elif not self.client_id:
            raise ValueError("wants client_id: the issuer has to know who asks")
        elif self.client_secret is None and self.refresh_token is None:
            raise ValueError("wants client_secret or refresh_token, the path of a file that holds it")
        return self


class Facts(NamedTuple):
    """What is known of a token that came."""

    subject: str
    begin: float
    end: float


class TokenCredential:
    """A token of an issuer, or one that was left for us, kept in a file of our own.

    A new one takes the place of the one before only when it is good: long enough, and for whom it was
    wanted.  Refresh tokens that the issuer changes are kept before anything else is looked at.
    """

    options: ClassVar[type[TokenOptions]] = TokenOptions
    type: ClassVar[CredentialType] = CredentialType.TOKEN

    def __init__(self, options: TokenOptions, place: Place) -> None:
        folder = Path(place.state).absolute() / FOLDER
        names = {"issuer", "client_id", "scopes", "audiences", "resources", "discover"}
        self._options = options
        self._section = place.section
        self._kept = KeptToken(
            (options.path or folder / f"{place.section}.token").absolute(),
            folder / f"{place.section}.json",
            options.model_dump(mode="json", include=names),
            options.owner,
        )
        self.keeps = self._kept.files

    def proof(self) -> Proof:
        """The token that is kept; read anew when its file changed."""
        record = self._kept.read()
        return Proof(path=self._kept.path, subject=record.subject, begin=record.begin, end=record.end)

    def renew(self) -> None:
        """Come to a new token, where the one that is kept is none or will soon end."""
        options = self._options
        if not self._kept.is_due(time.time(), options.minimum, options.renew):
            return
        try:
            granted = Granted(token=discover(os.environ)) if options.discover else self._ask()
            facts = self._check(granted, time.time())
        except ValueError as error:
            raise Unavailable(str(error)) from error
        self._kept.keep(granted.token, **facts._asdict())

    def _ask(self) -> Granted:
        options = self._options
        secret = read_word(options.client_secret) if options.client_secret else ""
        client = Client(id=options.client_id, secret=secret)
        issuer = Issuer(
            options.issuer or "", Web(authorities=options.authorities), options.timeout.total_seconds()
        )
        if options.refresh_token is None:
            return issuer.grant(client, [("grant_type", "client_credentials"), *self._wishes()])
        given = read_word(options.refresh_token)
        used = ("refresh_token", self._kept.refresh_token(given))
        granted = issuer.grant(client, [("grant_type", "refresh_token"), used, *self._wishes()])
        if granted.refresh:
            self._kept.keep_refresh_token(given, granted.refresh)
        return granted

    def _wishes(self) -> list[tuple[str, str]]:
        """What the token shall be, in words of the form."""
        options = self._options
        joined = {"scope": options.scopes, "audience": options.audiences}
        said = [(name, " ".join(words)) for name, words in joined.items() if words]
        return [*said, *(("resource", resource) for resource in options.resources)]

    def _check(self, granted: Granted, now: float) -> Facts:
        """What is known of a token that came; `ValueError` or `Unavailable` where it is not as wanted."""
        options = self._options
        facts, token = describe(granted, f"{options.client_id} of {options.issuer}", now)
        refuse_short(facts.end, now, options.minimum)
        wanted = {*options.audiences, *options.resources}
        if token is not None and wanted - set(token.audience) and not EVERYBODY & set(token.audience):
            whom = ", ".join(token.audience) or "nobody in particular"
            raise ValueError(f"the token that came is for {whom}, not for {', '.join(sorted(wanted))}")
        scopes = set(granted.scopes or (token.scopes if token else ()))
        if scopes and (missing := set(options.scopes) - scopes - UNSEEN):
            log.warning(
                "credential %s: the token lacks scopes: %s", self._section, ", ".join(sorted(missing))
            )
        return facts


def describe(granted: Granted, bearer: str, now: float) -> tuple[Facts, Token | None]:
    """What a token says of itself; of one that says nothing, what its issuer did.

    `ValueError` where nobody says when it ends: it could never be renewed in time.
    """
    try:
        token = read_token(granted.token.encode())
    except ValueError:
        token = None
    begin, end = (token.begin, token.end) if token else (now, float("inf"))
    if end == float("inf") and granted.seconds is not None:
        begin, end = now, now + granted.seconds
    if end == float("inf"):
        raise ValueError("nobody says when the token that came will end")
    return Facts(token.subject if token else bearer, begin, end), token
