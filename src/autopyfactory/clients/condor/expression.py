"""ClassAd constraints: parsed, taken apart, and evaluated many at a time."""

from collections.abc import Sequence
from typing import Any

import classad2


class Constraint:
    """One constraint as an operator wrote it; `error` says why it is none."""

    def __init__(self, index: int, text: str) -> None:
        self.index = index
        self.text = text
        self.error = ""
        self.names: list[str] = []
        self.condition = "false"
        self.tree = classad2.ExprTree("false")
        try:
            self.tree = classad2.ExprTree(f"({text}\n)")
            bare = classad2.ExprTree(f"{text}\n")  # only this one minds 'true) || (false'
        except classad2.ClassAdException:
            self.error = f"constraint = {text!r} is no ClassAd expression"
            return
        self.condition = f"bool({bare}) is true"
        self.names = attributes(self.tree)


def attributes(tree: classad2.ExprTree) -> list[str]:
    """The job attributes that an expression names, without what a target would bring."""
    found = classad2.ClassAd().externalRefs(tree)
    own = [
        name.removeprefix("MY.").partition(".")[0] for name in found if not name.upper().startswith("TARGET.")
    ]
    return [name for name in own if name and name.lower() != "currenttime"]


class Verdicts:
    """Constraints as one expression that names those which an ad fulfils: one evaluation for all."""

    def __init__(self, constraints: Sequence[Constraint]) -> None:
        choices = (f'({one.condition}) ? "{one.index}," : ""' for one in constraints)
        self._tree = classad2.ExprTree(f"strcat({', '.join(choices)})")
        self._suspects = {one.index: one for one in constraints}
        self._seen = False

    def of(self, ad: Any) -> list[int]:
        """The indices of the constraints that `ad` fulfils."""
        self._suspect(ad)
        return [int(index) for index in self._tree.eval(ad).split(",")[:-1]]

    def is_broken(self, constraint: Constraint) -> bool | None:
        """Whether it was an error for every ad so far; None when there was none."""
        return constraint.index in self._suspects if self._seen else None

    def _suspect(self, ad: Any) -> None:
        """Clear those that are no error here; after the first ad hardly any is left."""
        self._seen = True
        for index, constraint in list(self._suspects.items()):
            if constraint.tree.eval(ad) is not classad2.Value.Error:
                del self._suspects[index]
