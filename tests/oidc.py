"""A real issuer of tokens for tests: an OpenID provider, asked over TLS with a CA of its own."""

from pathlib import Path

from grid import Service
from pools import TESTBED, run


class Oidc(Service):
    """One OpenID provider; the clients `robot` and `test-production` have its secret."""

    kind = "oidc"

    def __init__(self, life: int = 3600) -> None:
        super().__init__()
        self.settings = {"TB_LIFE": str(life)}

    def halt(self) -> None:
        """End its process; `start` brings it back where it was, without its refresh tokens."""
        run([str(TESTBED / "oidc-down"), str(self.folder)], {})

    @property
    def url(self) -> str:
        """The address of the issuer."""
        return f"https://localhost:{self.port}"

    @property
    def authority(self) -> Path:
        """The certificate of its CA."""
        return self.folder / "cacert.pem"

    @property
    def secret(self) -> Path:
        """The file with the secret of its robots."""
        return self.folder / "secret"

    @property
    def refresh_token(self) -> Path:
        """A file with a refresh token of the client `robot`, as somebody got it who logged in."""
        return self.folder / "refresh_token"

    @property
    def person(self) -> Path:
        """The same of the client `person`, who has no secret."""
        return self.folder / "person_refresh_token"
