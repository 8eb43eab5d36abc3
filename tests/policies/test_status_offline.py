"""StatusOffline: a number of its own while the site is in status offline."""

import pytest

from autopyfactory.model import SiteStatus
from autopyfactory.policies.status_offline import StatusOffline
from autopyfactory.testing import PolicyContract
from observed import observed


class TestStatusOffline(PolicyContract):
    plugin = StatusOffline


@pytest.mark.parametrize(
    ("status", "pilots", "count", "result"),
    [
        pytest.param(SiteStatus.OFFLINE, 3, 100, 3, id="offline"),
        pytest.param(SiteStatus.OFFLINE, 3, 0, 3, id="offline, and more than was asked"),
        pytest.param(SiteStatus.OFFLINE, 0, 100, 0, id="offline, and none"),
        pytest.param(SiteStatus.ONLINE, 3, 100, 100, id="online"),
        pytest.param(SiteStatus.TEST, 3, 100, 100, id="test"),
        pytest.param(SiteStatus.BROKEROFF, 3, 100, 100, id="brokeroff"),
        pytest.param(SiteStatus.ONLINE, 3, -5, -5, id="a retirement passes"),
        pytest.param(None, 3, 100, 0, id="nobody knows"),
    ],
)
def test_a_site_in_status_offline_gets_a_number_of_its_own(status, pilots, count, result):
    assert StatusOffline(pilots=pilots)(count, observed(status=status)) == result


def test_it_stops_a_site_in_status_offline_unless_told_otherwise():
    assert StatusOffline()(100, observed(status=SiteStatus.OFFLINE)) == 0
