"""What every credential must keep."""

import time
from typing import Any

import pytest

from autopyfactory.model import CredentialType
from autopyfactory.options import CredentialSection
from autopyfactory.ports import Credential
from autopyfactory.testing.plugins import OURS, Make, PlugInContract
from autopyfactory.testing.watch import WATCH


class CredentialContract(PlugInContract):
    """What every credential promises.  It is made ready by `renew`, if it is not when it is made."""

    ancestor = CredentialSection

    @pytest.fixture
    def credential(self, make: Make) -> Any:
        made = make(OURS)
        made.renew()
        return made

    def test_it_is_a_credential_that_knows_its_type(self, make: Make) -> None:
        assert isinstance(make(OURS), Credential)
        assert type(make(OURS).type) is CredentialType

    def test_its_file_is_there_and_for_nobody_else(self, credential: Any) -> None:
        path = credential.proof().path
        assert path.is_absolute()
        assert path.read_bytes()
        assert path.stat().st_mode & 0o007 == 0

    def test_it_names_the_file_that_it_writes(self, credential: Any) -> None:
        keeps = getattr(credential, "keeps", ())
        assert all(path.is_absolute() for path in keeps)
        assert not keeps or credential.proof().path in keeps

    def test_it_says_for_whom_it_speaks_and_until_when(self, credential: Any) -> None:
        proof = credential.proof()
        assert proof.subject.isprintable()
        assert proof.begin < time.time() < proof.end

    def test_to_look_at_it_changes_nothing(self, credential: Any) -> None:
        first = credential.proof()
        with WATCH.effects() as effects:
            assert credential.proof() == first
        assert effects == []

    def test_it_is_not_renewed_before_it_is_time(self, credential: Any) -> None:
        before = credential.proof()
        credential.renew()
        assert credential.proof() == before
