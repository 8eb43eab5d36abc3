"""The submit description of a pilot: what it holds, and that the operator has the last word."""

from typing import Any

from autopyfactory.clients.condor.job import Marks, describe
from autopyfactory.clients.condor.options import Job

FULL = Marks(
    factory="F1",
    queue="SITE_X-ce1",
    tag="t1",
    host="f1",
    folder="/data/logs/2018-12-10/SITE_X-ce1",
    url="http://f1.example.org/2018-12-10/SITE_X-ce1",
    monitor="http://mon.example.org/api",
    user="apf",
)
BARE = Marks(factory="F1", queue="Q", tag="t1", host="f1", folder="/logs")
ID = "$(Cluster).$(Process)"


def job(**options: Any) -> Job:
    return Job.model_validate({"executable": "/bin/sleep", **options})


def test_the_description_is_the_one_that_monitors_and_wrappers_know() -> None:
    url, log = f"{FULL.url}/{ID}", f"{FULL.folder}/{ID}"
    pilot = job(cores=8, memory="2GiB", disk="1GiB", arguments=["-u", "managed"], environment={"A": "x y"})
    assert describe(pilot, FULL) == {
        "universe": "vanilla",
        "executable": "/bin/sleep",
        "arguments": '"-u managed"',
        "initialdir": FULL.folder,
        "output": f"{log}.out",
        "error": f"{log}.err",
        "log": f"{log}.log",
        "stream_output": "false",
        "stream_error": "false",
        "transfer_executable": "true",
        "notification": "never",
        "request_cpus": "8",
        "request_memory": "2048",
        "request_disk": "1048576",
        "environment": f'"PANDA_JSID=F1 GTAG={url}.out APFCID={ID} APFFID=F1 FACTORY_JOBID=f1#{ID}'
        " APFMON=http://mon.example.org/api FACTORYQUEUE=SITE_X-ce1 FACTORYUSER=apf A='x y'\"",
        "+TransferOutput": '""',
        "+APF_FACTORY": '"F1"',
        "+APF_TAG": '"t1"',
        "+MATCH_APF_QUEUE": '"SITE_X-ce1"',
        "+APF_QUEUE": '"SITE_X-ce1"',
        "+FACTORY_JOBID": f'"f1#{ID}"',
        "+APF_LOGURL": f'"{url}.log"',
        "+APF_OUTURL": f'"{url}.out"',
        "+APF_ERRURL": f'"{url}.err"',
    }


def test_what_is_not_set_is_not_written() -> None:
    written = describe(job(), BARE)
    absent = {"arguments", "request_memory", "request_disk", "+APF_LOGURL", "+APF_OUTURL", "+APF_ERRURL"}
    assert absent.isdisjoint(written)
    assert (
        written["environment"]
        == f'"PANDA_JSID=F1 APFCID={ID} APFFID=F1 FACTORY_JOBID=f1#{ID} FACTORYQUEUE=Q"'
    )


def test_sizes_are_rounded_up_to_what_the_batch_system_counts_in() -> None:
    written = describe(job(memory=1, disk=1), BARE)
    assert (written["request_memory"], written["request_disk"]) == ("1", "1")


def test_the_operators_commands_replace_ours_whatever_their_spelling() -> None:
    commands = {"Request_Cpus": "3", "MY.apf_queue": '"mine"', "rank": "Memory"}
    written = describe(job(submit=commands), BARE)
    assert commands.items() <= written.items()
    assert {"request_cpus", "+APF_QUEUE"}.isdisjoint(written)
    assert list(written)[-3:] == sorted(commands)
