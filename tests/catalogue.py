"""Small catalogues of PanDA queues, in the words of both generations."""

import json
from collections.abc import Mapping
from typing import Any

TEMPLATE = {"pilot": {"cores": "{cores}", "host": "{host}"}}


def ce(endpoint: str = "ce01.north.example.org:9619", **fields: Any) -> dict[str, Any]:
    """A CE queue as CRIC writes it."""
    usual = {
        "ce_queue_id": 101,
        "ce_name": "NORTH-CE",
        "ce_endpoint": endpoint,
        "ce_flavour": "HTCONDOR-CE",
        "ce_queue_name": "grid",
        "ce_queue_maxwctime": 2880,
        "ce_state": "ACTIVE",
        "ce_status": None,
    }
    return usual | fields


def record(**fields: Any) -> dict[str, Any]:
    """A PanDA queue as CRIC writes it."""
    usual = {
        "panda_resource": "NORTH",
        "vo_name": "atlas",
        "cloud": "ND",
        "type": "unified",
        "state": "ACTIVE",
        "site_state": "ACTIVE",
        "is_virtual": False,
        "status": "online",
        "pilot_manager": "APF",
        "corecount": 8,
        "maxrss": 16000,
        "maxtime": 345600,
        "catchall": "",
        "special_par": "",
        "params": {"pilot_version": "3.11"},
        "queues": [ce()],
    }
    return usual | fields


def of_agis(**fields: Any) -> dict[str, Any]:
    """The same as AGIS wrote it in 2019: with fields that are gone, and 'None' as a word."""
    old = {
        "maxmemory": 64000,
        "memory": 64000,
        "maxswap": 0,
        "gatekeeper": "None",
        "environ": "None",
        "type": "production",
        "queues": [ce(ce_status="production", ce_queue_status="Production", ce_version="3.0.2")],
    }
    return record() | old | fields


def document(records: Mapping[str, Any]) -> bytes:
    """What the catalogue answers."""
    return json.dumps(records).encode()


def many(count: int, ces: int = 1) -> dict[str, Any]:
    """So many PanDA queues, each with so many CEs."""
    return {
        f"SITE_{number}": record(
            panda_resource=f"SITE_{number}",
            queues=[
                ce(f"ce{index}.site{number}.example.org", ce_queue_id=number * ces + index + 1)
                for index in range(ces)
            ],
        )
        for number in range(count)
    }
