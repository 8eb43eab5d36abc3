"""The submit description of a pilot: what it holds, and that the operator has the last word."""

from dataclasses import replace
from typing import Any

from autopyfactory.clients.condor.job import Marks, describe, stamp, text
from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.patience import upkeep

FULL = Marks(
    factory="F1",
    queue="SITE_X-ce1",
    host="f1",
    folder="/data/logs/2018-12-10/SITE_X-ce1",
    url="http://f1.example.org/2018-12-10/SITE_X-ce1",
    monitor="http://mon.example.org/api",
    user="apf",
)
BARE = Marks(factory="F1", queue="Q", host="f1", folder="/logs")
ID = "$(Cluster).$(Process)"


def test_a_pilot_carries_the_credentials_that_it_is_given() -> None:
    assert "x509userproxy" not in describe(job(), BARE)
    marks = replace(BARE, proxy="/my/$proxy", token="/my/token")
    described = describe(job(), marks)
    assert described["x509userproxy"] == "/my/$(DOLLAR)proxy"
    assert described["delegate_job_GSI_credentials_lifetime"] == "0"
    assert described["scitokens_file"] == "/my/token"
    assert described["use_scitokens"] == "true"
    assert described["should_transfer_files"] == "YES"
    grid = {"kind": "condor", "host": "ce.example.org"}
    assert "should_transfer_files" not in describe(job(grid=grid), marks)
    raw = describe(job(submit={"X509UserProxy": "/else", "use_scitokens": "false"}), marks)
    assert (raw["X509UserProxy"], raw["use_scitokens"]) == ("/else", "false")
    assert "x509userproxy" not in raw


def job(**options: Any) -> Job:
    return Job.model_validate({"executable": "/bin/sleep", **options})


def test_the_description_is_the_one_that_monitors_and_wrappers_know() -> None:
    url, log = f"{FULL.url}/{ID}", f"{FULL.folder}/{ID}"
    told = {"arguments": ["-u", "managed"], "environment": {"A": "x y"}}
    pilot = job(cores=8, memory="2GiB", disk="1GiB", releases=0, held_for="never", **told)
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
        "+MATCH_APF_QUEUE": '"SITE_X-ce1"',
        "+APF_QUEUE": '"SITE_X-ce1"',
        "+FACTORY_JOBID": f'"f1#{ID}"',
        "+APF_LOGURL": f'"{url}.log"',
        "+APF_OUTURL": f'"{url}.out"',
        "+APF_ERRURL": f'"{url}.err"',
        **upkeep(pilot),
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


GOLDEN = """
grid_resource = condor ce1.example.org ce1.example.org:9619
+TransferOutput = ""
+Nonessential = true
universe = grid
x509userproxy = /var/lib/apf/proxy/prod
+MATCH_APF_QUEUE = "SITE_X-ce1"
+FACTORY_JOBID = "f1#$(Cluster).$(Process)"
+APF_QUEUE = "SITE_X-ce1"
+APF_LOGURL = "http://f1.example.org/2018-12-10/SITE_X-ce1/$(Cluster).$(Process).log"
+APF_OUTURL = "http://f1.example.org/2018-12-10/SITE_X-ce1/$(Cluster).$(Process).out"
+APF_ERRURL = "http://f1.example.org/2018-12-10/SITE_X-ce1/$(Cluster).$(Process).err"
environment = "PANDA_JSID=F1 GTAG=http://f1.example.org/2018-12-10/SITE_X-ce1/$(Cluster).$(Process).out \
APFCID=$(Cluster).$(Process) APFFID=F1 FACTORY_JOBID=f1#$(Cluster).$(Process) \
APFMON=http://mon.example.org/api FACTORYQUEUE=SITE_X-ce1 FACTORYUSER=apf RUCIO_ACCOUNT=pilot"
executable = /bin/sleep
arguments = "-u managed"
output = /data/logs/2018-12-10/SITE_X-ce1/$(Cluster).$(Process).out
error = /data/logs/2018-12-10/SITE_X-ce1/$(Cluster).$(Process).err
log = /data/logs/2018-12-10/SITE_X-ce1/$(Cluster).$(Process).log
stream_output = false
stream_error = false
transfer_executable = true
periodic_remove = JobStatus == 5
+maxMemory = 2000
"""


def test_a_pilot_for_a_ce_carries_all_that_the_factory_of_old_gave_it() -> None:
    pilot = job(
        arguments=["-u", "managed"],
        environment={"RUCIO_ACCOUNT": "pilot"},
        grid={"kind": "condor", "host": "ce1.example.org"},
        submit={
            "periodic_remove": "JobStatus == 5",
            "+maxMemory": "2000",
            "x509userproxy": "/var/lib/apf/proxy/prod",
        },
    )
    rendered = text(describe(pilot, FULL))
    assert set(GOLDEN.strip().splitlines()) <= set(rendered.splitlines())


def test_the_operator_has_the_last_word_on_what_a_grid_is_told() -> None:
    commands = {"grid_resource": "condor other other:9619", "MY.XCOUNT": "3", "+remote_jobuniverse": "7"}
    written = describe(job(cores=2, grid={"kind": "condor", "host": "ce"}, submit=commands), BARE)
    assert commands.items() <= written.items()
    assert "+xcount" not in written


def test_a_machine_is_called_by_its_queue() -> None:
    machine = Job.model_validate(
        {
            "grid": {
                "kind": "ec2",
                "endpoint": "https://ec2.example.org",
                "ami": "ami-1",
                "instance_type": "m5.xlarge",
                "access_key_id": "/etc/hostname",
                "secret_access_key": "/etc/passwd",
            }
        }
    )
    written = describe(machine, BARE)
    assert (written["executable"], written["transfer_executable"]) == ("Q", "false")


def test_each_command_is_one_line() -> None:
    assert text({"universe": "vanilla", "+A": '"b"'}) == 'universe = vanilla\n+A = "b"\n'


def test_a_submission_carries_its_tag_and_where_jobs_are_made_late_their_number() -> None:
    assert stamp('t$"1', 3, late=False) == {"+APF_TAG": r'"t$(DOLLAR)\"1"'}
    assert stamp("t1", 5000, late=True) == {"+APF_TAG": '"t1"', "+APF_COUNT": "5000"}
    assert describe(job(max_idle=50), BARE)["max_idle"] == "50"
    assert "max_idle" not in describe(job(), BARE)
