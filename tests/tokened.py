"""A pool that takes jobs only from who shows a token of an issuer that it knows, as CEs do."""

import json
import sqlite3
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from pools import TESTBED, Pool, give, run

ISSUER = "https://issuer.example.org"
SUBJECT = "pilots"
DAY = 86_400
EXTRA = """
SCHEDD.SEC_WRITE_AUTHENTICATION_METHODS = SCITOKENS
SEC_SCITOKENS_CACHE = {home}/keys
CERTIFICATE_MAPFILE = {home}/names
AUTH_SSL_SERVER_CERTFILE = {home}/x509/hostcert.pem
AUTH_SSL_SERVER_KEYFILE = {home}/x509/hostkey.pem
AUTH_SSL_SERVER_CAFILE = {home}/x509/cacert.pem
"""


class Tokened(Pool):
    """One such pool.  It has the issuer's keys from the start, where others fetch them from the issuer."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        run([str(TESTBED / "x509-make"), str(self.home / "x509"), "testvo"], {})
        self._proxy = self.home / "x509" / "voms-proxy.pem"  # it belongs to who runs the pools
        give(self.home / "x509" / "hostkey.pem", self._proxy.stat().st_uid)
        self.configure(EXTRA.format(home=self.home))

    def start(self) -> None:
        """Bring it up."""
        self._learn_keys(self.home / "keys" / "scitokens")
        (self.home / "names").write_text(f"SCITOKENS {ISSUER},{SUBJECT} {self._proxy.owner()}@testbed\n")
        super().start()

    @property
    def authority(self) -> Path:
        """The certificate of the CA that vouches for it."""
        return self.home / "x509" / "cacert.pem"

    def token(self, issuer: str = ISSUER) -> str:
        """A token of the right subject, signed with the key of its issuer."""
        now = int(time.time())
        claims = {"iss": issuer, "sub": SUBJECT, "aud": "ANY", "ver": "scitoken:2.0", "jti": "1"}
        claims |= {"scope": "condor:/READ condor:/WRITE"}
        times = {"iat": now, "nbf": now, "exp": now + DAY}
        return jwt.encode(claims | times, self._key, algorithm="ES256", headers={"kid": "one"}) + "\n"

    def _learn_keys(self, folder: Path) -> None:
        """Write the issuer's keys as libSciTokens keeps those that it fetched."""
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        keys = {"keys": [public | {"kid": "one", "alg": "ES256", "use": "sig"}]}
        now = int(time.time())
        kept = json.dumps({"jwks": keys, "next_update": now + DAY, "expires": now + 4 * DAY})
        folder.mkdir(parents=True)
        file = folder / "scitokens_cpp.sqllite"
        with sqlite3.connect(file) as cache:
            cache.execute(
                "CREATE TABLE keycache (issuer text UNIQUE PRIMARY KEY NOT NULL, keys text NOT NULL)"
            )
            cache.execute("INSERT INTO keycache VALUES (?, ?)", (ISSUER, kept))
        cache.close()
        for path in (folder.parent, folder, file):
            give(path, self._proxy.stat().st_uid)
