"""APFMon, spoken to in its own words: factories, labels and jobs over its REST interface."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from autopyfactory.clients.web import Reply, Web
from autopyfactory.errors import Rejected, Unavailable

PAGE = 50  # labels that the server lists at once
PAGES = 1000  # beyond the labels of any factory
CREATED = re.compile(r"Created (\d+)/\d+ \w+, (\d+) ")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BAD, MISSING = 400, 404


class Unknown(Unavailable):
    """The server does not know what the request is about."""


class Server:
    """One APFMon at `url` ('http://HOST/api'); every call answers within about `seconds`.

    Raises `Unavailable` without a good answer, `Unknown` where the server lacks the factory or label,
    and `Rejected` for what it will never take.
    """

    def __init__(self, url: str, web: Web, seconds: float) -> None:
        self.url = url.rstrip("/")
        self._web = web
        self._seconds = seconds

    def put_factory(self, factory: str, facts: Mapping[str, str]) -> None:
        """Make or renew a factory; the server fails where 'url', 'email' or 'version' is missing."""
        self._call("PUT", f"/factories/{quoted(factory)}", json=dict(facts))

    def labels(self, factory: str) -> set[str]:
        """The names of a factory's labels, page by page, as they were up to 5 minutes ago."""
        found: set[str] = set()
        for page in range(PAGES):
            query = urlencode({"factory": factory, "limit": PAGE, "offset": page * PAGE})
            names = self._names(f"/labels?{query}")
            if len(names) < PAGE or names <= found:
                return found | names
            found |= names
        raise Unavailable(f"{self.url} lists labels without an end")

    def put_labels(self, labels: Sequence[Mapping[str, str]]) -> int:
        """Make labels, or renew them; the number of those that the server took.

        It leaves out those of factories that it does not know.
        """
        created = self._created(self._call("PUT", "/labels", json=list(labels)))
        return len(labels) if created is None else sum(created)

    def put_jobs(self, jobs: Sequence[Mapping[str, str]]) -> int:
        """Make jobs; the number of those whose label the server does not know.  A known job is no error."""
        created = self._created(self._call("PUT", "/jobs", json=list(jobs)))
        return 0 if created is None else created[1]

    def post_status(self, factory: str, label: str, status: str) -> None:
        """What a label says of itself."""
        path = f"/labels/{quoted(factory)}:{quoted(label)}"
        self._call("POST", path, headers=FORM, body=urlencode({"status": status}))

    def _names(self, path: str) -> set[str]:
        """The names in a list of labels."""
        reply = self._call("GET", path)
        try:
            return {str(label["name"]) for label in json.loads(reply.body)}
        except (ValueError, TypeError, KeyError) as error:
            raise Unavailable(f"{self.url}{path} answers with no labels: {reply.excerpt}") from error

    def _created(self, reply: Reply) -> tuple[int, int] | None:
        """'Created 1/3 labels, 2 updated' as (1, 2); None where it was said in other words."""
        found = CREATED.match(reply.body.decode(errors="replace"))
        return None if found is None else (int(found[1]), int(found[2]))

    def _call(self, method: str, path: str, **content: Any) -> Reply:
        reply = self._web.request(method, f"{self.url}{path}", seconds=self._seconds, **content)
        if reply.status in range(200, 300):
            return reply
        said = f"{self.url}{path} answers {reply.status}: {reply.excerpt}"
        if reply.status == MISSING:
            raise Unknown(said)
        if reply.status == BAD:
            raise Rejected(said)
        raise Unavailable(said)


def quoted(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")
