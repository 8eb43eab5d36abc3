"""Texts that stand once in a history, each known by a number: queues, definitions, shapes of rows."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Table, insert, select

from autopyfactory.history.tables import DEFINITIONS


class Texts:
    """The texts of one table, as far as they were asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._is_digested = table is DEFINITIONS
        self._key = table.c.digest if self._is_digested else table.c.text
        self._numbers: dict[str, int] = {}

    def __getitem__(self, text: str) -> int:
        """The number of a text that was learned."""
        return self._numbers[text]

    def learn(self, connection: Connection, texts: Iterable[str]) -> Sequence[str]:
        """Take these up, by three statements for all; those that the file lacked are added and told."""
        unknown = {self._digest(text): text for text in texts if text not in self._numbers}
        if not unknown:
            return ()
        self._look_up(connection, unknown)
        new = {key: text for key, text in unknown.items() if text not in self._numbers}
        if new:
            connection.execute(insert(self._table), [self._row(key, text) for key, text in new.items()])
            self._look_up(connection, new)
        return list(new.values())

    def _look_up(self, connection: Connection, texts: Mapping[str, str]) -> None:
        """Note the numbers of those that are there, by key."""
        there = select(self._key, self._table.c.id).where(self._key.in_(texts))
        self._numbers |= {texts[key]: number for key, number in connection.execute(there)}

    def _digest(self, text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest() if self._is_digested else text

    def _row(self, key: str, text: str) -> Mapping[str, str]:
        return {"digest": key, "text": text} if self._is_digested else {"text": text}
