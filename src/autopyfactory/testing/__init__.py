"""The kit for authors of plug-ins: what each kind must keep, fakes of all kinds, and a clock that is told.

A test class names its plug-in, gives the fixtures that its suite leaves open, and is done:

    class TestNight(PolicyContract):
        plugin = Night

Our own plug-ins pass the same suites.  Needs pytest and hypothesis: `pip install 'autopyfactory[testing]'`.
"""

import autopyfactory.testing.libraries  # noqa: F401  # says what to install
from autopyfactory.clock import VirtualClock
from autopyfactory.testing.catalogs import CatalogContract
from autopyfactory.testing.credentials import CredentialContract
from autopyfactory.testing.fakes import (
    FakeCredential,
    FakeMonitor,
    FakePilot,
    FakeSource,
    FakeTarget,
    FakeWork,
    FakeWorld,
)
from autopyfactory.testing.monitors import MonitorContract
from autopyfactory.testing.policies import PolicyContract
from autopyfactory.testing.sources import SourceContract
from autopyfactory.testing.strategies import chains, observations, policies_of, reports, shipped
from autopyfactory.testing.targets import SupplyContract, TargetContract
from autopyfactory.testing.waiting import until

__all__ = [
    "CatalogContract",
    "CredentialContract",
    "FakeCredential",
    "FakeMonitor",
    "FakePilot",
    "FakeSource",
    "FakeTarget",
    "FakeWork",
    "FakeWorld",
    "MonitorContract",
    "PolicyContract",
    "SourceContract",
    "SupplyContract",
    "TargetContract",
    "VirtualClock",
    "chains",
    "observations",
    "policies_of",
    "reports",
    "shipped",
    "until",
]
