"""Facts that are made in less time: frozen dataclasses whose fields are set through their slots."""

from dataclasses import MISSING, fields
from functools import update_wrapper
from typing import Any, TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """The frozen, slotted, keyword-only dataclass, with an `__init__` that sets fields by their slots.

    The one that dataclasses write has `object.__setattr__` look up every field by its name, which takes
    longer than all else that a cycle does with a fact.  `TypeError` where a default is made anew each time.
    """
    parts, written = fields(cls), cls.__init__  # type: ignore[arg-type]  # it is a dataclass
    if any(part.default_factory is not MISSING for part in parts):
        raise TypeError(f"{cls.__name__} makes a default anew each time: give it a frozen one")
    names = [part.name for part in parts]
    words: dict[str, Any] = {f"set_{name}": getattr(cls, name).__set__ for name in names}
    lines = [f"def __init__(self, *, {', '.join(names)}):"]
    lines += [f"    set_{name}(self, {name})" for name in names]
    exec("\n".join(lines), words)  # noqa: S102  # the names of fields, as dataclasses do it themselves
    made = words["__init__"]
    made.__kwdefaults__ = written.__kwdefaults__
    cls.__init__ = update_wrapper(made, written)  # type: ignore[method-assign]
    return cls
