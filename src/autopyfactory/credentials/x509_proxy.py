"""Credential `x509_proxy`: proxies that the factory makes and renews, with VOMS attributes if asked for."""

import time

from autopyfactory.clients.certificates import digest
from autopyfactory.clients.delegation import Signer, delegate, read_signer
from autopyfactory.clients.kept import read_secret
from autopyfactory.clients.proxies import ProxyFile, ProxySection
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place, Proof
from autopyfactory.options import Location


class X509ProxyOptions(ProxySection):
    """A proxy made from a certificate or a longer proxy."""

    certificate: Location
    """The certificate in PEM that signs the proxy, or a proxy that lives longer."""
    key: Location | None = None
    """Its private key in PEM, without a pass phrase; unset: it is in the file of the certificate."""


class X509Proxy:
    """A proxy that the factory makes itself from a certificate and its key, or from a longer proxy.

    It is made anew in time.  Its end is that of the first of its parts to end: the proxy, its VOMS
    attributes, or what it was made from.  A proxy on disk that is good is kept.
    """

    options = X509ProxyOptions
    type = CredentialType.X509

    def __init__(self, options: X509ProxyOptions, place: Place) -> None:
        self._options = options
        self._certificate = options.certificate.absolute()
        self._key = self._certificate if options.key is None else options.key.absolute()
        self._file = ProxyFile(options.locate(place.state, place.section), options)
        self._voms = options.voms_client()
        self.keeps = (self._file.path,)

    def proof(self) -> Proof:
        """The proxy as it is now; where there is none, and none can be made, the reason for that."""
        try:
            return Proof(**self._file.facts(made=1)._asdict())
        except Unavailable:
            self._read_signer()
            raise

    def renew(self) -> None:
        """Make it anew if it is time."""
        signer = self._read_signer()
        if not self._file.is_due(digest(signer.certificate)):
            return
        lifetime = self._options.lifetime
        attributes = self._voms.fetch(self._certificate, self._key, lifetime)
        self._file.replace(delegate(signer, time.time(), lifetime, attributes))

    def close(self) -> None:
        """Kill a program that runs."""
        self._voms.close()

    def _read_signer(self) -> Signer:
        private = read_secret(self._key)
        try:
            return read_signer(self._certificate.read_bytes(), private)
        except OSError as error:
            raise Unavailable(f"'{self._certificate}': {error.strerror}") from error
        except ValueError as error:
            raise Unavailable(f"'{self._certificate}' with '{self._key}': {error}") from error
