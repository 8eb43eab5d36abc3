"""The form of a report: how each type of the model is kept; what is added to the model needs no code here."""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING as NONE
from dataclasses import Field as ModelField
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import partial
from math import floor
from operator import sub
from typing import Any, Union, get_args, get_origin, get_type_hints

from autopyfactory import errors
from autopyfactory.errors import FactoryError
from autopyfactory.history.coders import Coder, Maybe, Plain, Series, Translated
from autopyfactory.history.facts import MISSING, Facts, Field
from autopyfactory.model import Ended, Report, Supply
from autopyfactory.rule import words

TENTHS = 10  # of a second
SCALARS = {int, float, str, bool, type(None)}
LEFT_OUT: Mapping[Any, set[str]] = {
    Report: {"definition"},  # stands once for many reports, beside them
    Ended: {"pilot"},  # much to keep, and nobody asks
}


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as it is kept: its nearest kind among ours, and its words."""

    kind: str
    text: str


def write_error(error: Exception) -> Fault:
    """An error of ours by its kind; of any other its type stands in its words."""
    ours = next((kind for kind in type(error).__mro__ if getattr(errors, kind.__name__, None) is kind), None)
    if ours is None:
        return Fault(FactoryError.__name__, f"{type(error).__name__}: {error}")
    return Fault(ours.__name__, str(error))


def read_error(fault: Fault) -> FactoryError:
    """An error of the same kind with the same words."""
    kind = getattr(errors, fault.kind, FactoryError)
    made: FactoryError = kind(fault.text)
    return made


class SupplyFacts(Facts):
    """Supplies, whose starts are kept by the target's clock and to a tenth of a second.

    By the monotonic clock each reading of a target gives them anew, with other digits at the end.
    """

    def __init__(self, kind: Any, fields: Sequence[Field]) -> None:
        super().__init__(kind, fields)
        self._starts = list(self.fields).index("starts")

    def parts(self, value: Supply) -> list[Any]:
        """Starts in tenths of a second, which stay as they are from one reading to the next."""
        parts = super().parts(value)
        if value.starts:
            shift = value.clock - value.as_of + 0.05
            parts[self._starts] = tuple([floor((start + shift) * TENTHS) for start in value.starts])
        return parts

    def build(self, columns: Mapping[str, Sequence[Any]], count: int) -> list[Any]:
        """Supplies with starts by the monotonic clock again."""
        shifts = map(sub, columns["as_of"], columns["clock"])
        starts = [
            tuple([start / TENTHS + shift for start in kept]) if kept else ()
            for kept, shift in zip(columns["starts"], shifts, strict=True)
        ]
        return super().build({**columns, "starts": starts}, count)


def coder_of(hint: Any) -> Coder:
    """How values of this type are kept; `TypeError` when nobody has said how."""
    if hint in SCALARS:
        return Plain()
    if hint is object:
        return Translated(Plain(), words, str)
    if get_origin(hint) in (Union, types.UnionType):
        return coder_of_choice(get_args(hint))
    if get_origin(hint) is tuple and get_args(hint)[1:] == (...,):
        return Series(coder_of(get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        known: Mapping[Any, Enum] = {member.value: member for member in hint}
        return Translated(Plain(), lambda member: member.value, known.__getitem__)
    if isinstance(hint, type) and issubclass(hint, Exception):
        return Translated(coder_of(Fault), write_error, read_error)
    if is_dataclass(hint) or hasattr(hint, "_field_defaults"):
        return facts_of(hint)
    raise TypeError(f"the history keeps no {hint}")


def coder_of_choice(kinds: tuple[Any, ...]) -> Coder:
    """A choice of types: scalars, or one type or None, where all kinds of errors are one."""
    if SCALARS.issuperset(kinds):
        return Plain()
    others = [kind for kind in kinds if kind is not type(None)]
    if all(isinstance(kind, type) and issubclass(kind, Exception) for kind in others):
        others = [Exception]
    if len(others) > 1:
        raise TypeError(f"the history keeps no choice of {others}")
    coder = coder_of(others[0])
    return coder if len(others) == len(kinds) else Maybe(coder)


def facts_of(kind: Any) -> Facts:
    """The coder of a dataclass with slots or of a named tuple."""
    hints = get_type_hints(kind)
    if not is_dataclass(kind):
        defaults: Mapping[str, Any] = kind._field_defaults
        return Facts(
            kind,
            [
                Field(name, coder_of(hints[name]), partial(defaults.get, name, MISSING))
                for name in kind._fields
            ],
        )
    kept = [field for field in fields(kind) if field.name not in LEFT_OUT.get(kind, ())]
    coder = SupplyFacts if kind is Supply else Facts
    return coder(kind, [Field(field.name, coder_of(hints[field.name]), default_of(field)) for field in kept])


def default_of(field: "ModelField[Any]") -> Callable[[], Any]:
    """What makes the default of a field."""
    if field.default_factory is not NONE:
        return field.default_factory
    return lambda: MISSING if field.default is NONE else field.default


FORM = facts_of(Report)
