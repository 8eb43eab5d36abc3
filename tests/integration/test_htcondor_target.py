"""HTCondor as a target, with real pools."""

from pathlib import Path

from autopyfactory.clients.htcondor_options import Job
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from plugged import until
from pools import Pool


def test_pilots_are_submitted_counted_and_run(pool: Pool, home: Path, factory: str) -> None:
    place = Place(section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"))
    target = HTCondorTarget(HTCondorTargetOptions(config=pool.config), place)
    pilot = Job(executable="/bin/sleep", arguments=("600",), memory="1MB", disk="1MB")
    try:
        assert len(target.submit(Order(queue="ALPHA", pilot=pilot, count=3, tag="t1"))) == 3
        assert target.supply(["ALPHA", "BETA"])["ALPHA"].pilots == 3
        assert until(lambda: target.supply(["ALPHA"])["ALPHA"].running == 3)
        print(target.supply(["ALPHA"]))
    finally:
        target.close()
        pool.clear()
