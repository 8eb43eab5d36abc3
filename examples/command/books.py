#!/usr/bin/env python3
"""Work source and target in one command: its whole world is one JSON file, the first argument."""

import fcntl
import json
import pathlib
import sys

ask = json.load(sys.stdin)
with pathlib.Path(sys.argv[1]).open("a+") as file:
    fcntl.flock(file, fcntl.LOCK_EX)  # the factory asks one at a time, but others may ask as well
    file.seek(0)
    books = json.loads(file.read() or '{"jobs": {}, "pilots": []}')
    ours = [pilot for pilot in books["pilots"] if pilot["factory"] == ask["factory"]]
    stay = [pilot for pilot in ours if not pilot["gone"]]
    if ask["do"] == "demand":  # jobs by site, e.g. {"jobs": {"NORTH": 5}, "pilots": []}
        answer = {key: {"ready": books["jobs"].get(work["site"], 0)} for key, work in ask["works"].items()}
    elif ask["do"] == "supply":
        count = {queue: sum(pilot["queue"] == queue for pilot in stay) for queue in ask["queues"]}
        answer = {queue: {"pending": count[queue], "running": 0} for queue in ask["queues"]}
    elif ask["do"] == "tagged":
        answer = {tag: sum(pilot["tag"] == tag for pilot in ours) for tag in ask["tags"]}
    elif ask["do"] == "submit":
        answer = [f"pilot-{len(books['pilots']) + number}" for number in range(ask["count"])]
        about = {"factory": ask["factory"], "queue": ask["queue"], "tag": ask["tag"], "gone": False}
        books["pilots"] += [{"id": identifier, **about} for identifier in answer]
    elif ask["do"] == "retire":
        chosen = [pilot for pilot in reversed(stay) if pilot["queue"] == ask["queue"]][: ask["count"]]
        answer = [pilot["id"] for pilot in chosen if not pilot.update(gone=True)]
    file.truncate(0)
    json.dump(books, file)
key = {"submit": "submitted", "retire": "retired"}.get(ask["do"], ask["do"])
json.dump({key: answer}, sys.stdout)
