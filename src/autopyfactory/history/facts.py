"""Facts: the coder of frozen dataclasses and of named tuples, a column for each field."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from typing import Any

from autopyfactory.history.coders import Coder, Past, Plain
from autopyfactory.history.columns import Shape

MISSING = object()  # the default of a field that must be there


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact."""

    name: str
    coder: Coder
    default: Callable[[], Any] = lambda: MISSING


class Facts:
    """A frozen dataclass with slots, or a named tuple; fields that a column lacks get their default."""

    def __init__(self, kind: Any, fields: Sequence[Field]) -> None:
        self.fields = {field.name: field for field in fields}
        self._kind = kind
        self._read = (
            attrgetter(*self.fields) if len(fields) > 1 else lambda value: (getattr(value, fields[0].name),)
        )
        self._special = [
            (place, field.coder) for place, field in enumerate(fields) if not isinstance(field.coder, Plain)
        ]

    @property
    def shape(self) -> Shape:
        """All fields, in their order."""
        return {"facts": [[name, field.coder.shape] for name, field in self.fields.items()]}

    def row(self, value: Any, past: Past | None) -> Any:
        """The rows of all fields."""
        row = self.parts(value)
        for place, coder in self._special:
            row[place] = coder.row(row[place], past)
        return row

    def rows(self, values: Sequence[Any]) -> Sequence[Any]:
        """The same, field by field."""
        rows = values if issubclass(self._kind, tuple) else list(map(self._read, values))
        if not rows or not self._special:
            return rows
        columns = list(zip(*rows, strict=True))
        for place, coder in self._special:
            columns[place] = tuple(coder.rows(columns[place]))
        return list(zip(*columns, strict=True))

    def parts(self, value: Any) -> list[Any]:
        """The values of all fields."""
        return list(self._read(value))

    def unpack(self, column: Any, count: int) -> list[Any]:
        """The facts."""
        return self.build({name: self.values(name, column, count) for name in self.fields}, count)

    def values(self, name: str, column: Mapping[str, Any], count: int) -> Sequence[Any]:
        """The values of one field, 'decision', or of a field within it, 'decision.count'."""
        name, _, inner = name.partition(".")
        field = self.fields[name]
        if name in column:
            values: Any = getattr(field.coder, "values", None)
            return values(inner, column[name], count) if inner else field.coder.unpack(column[name], count)
        default = field.default()
        if default is MISSING and count:
            raise KeyError(f"{self._kind.__name__}.{name}")
        return [default] * count

    def build(self, columns: Mapping[str, Sequence[Any]], count: int) -> list[Any]:
        """Facts of the values of their fields."""
        if issubclass(self._kind, tuple):
            return list(map(self._kind._make, zip(*columns.values(), strict=True)))
        made = list(map(object.__new__, repeat(self._kind, count)))
        for name, values in columns.items():  # the slots are filled from C: facts are frozen for Python code
            deque(map(getattr(self._kind, name).__set__, made, values), maxlen=0)
        return made
