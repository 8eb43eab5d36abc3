"""The chain of policies of one queue: made from `policies` and from what `policy` overrides in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autopyfactory.app import registry
from autopyfactory.app.assembly import words
from autopyfactory.app.assembly.problems import Path
from autopyfactory.app.assembly.validation import Checked, Complaint, check
from autopyfactory.errors import ConfigError
from autopyfactory.ports import Policy

OWN = ("kind", "name")  # keys of an entry that are no options
MANY = 10_000  # policies that differ and are remembered


@dataclass(frozen=True, slots=True)
class Written:
    """Options as they are written: equal where they read the same, so that 1, 1.0 and true differ."""

    text: str
    options: Mapping[str, Any] = field(compare=False)


def make_chain(
    entries: Sequence[Mapping[str, Any]], overrides: Mapping[str, Mapping[str, Any]], key: str = "policies"
) -> tuple[tuple[Policy, ...], list[Complaint]]:
    """The policies of the chain that stands at `key`, or fewer and complaints."""
    complaints = check_names(entries, key)
    chosen: dict[int, dict[str, tuple[Path, Any]]] = {}
    for name, options in overrides.items():
        try:
            index = find(name, entries)
        except ConfigError as error:
            complaints.append(Complaint(("policy", name), str(error)))
            continue
        given = {option: (("policy", name, option), value) for option, value in options.items()}
        chosen.setdefault(index, {}).update(given)
    policies = []
    for index, entry in enumerate(entries):
        policy, wrong = make_policy((key, index), entry, chosen.get(index, {}))
        complaints += wrong
        if policy is not None:
            policies.append(policy)
    return tuple(policies), complaints


def make_policy(
    path: Path, entry: Mapping[str, Any], overrides: Mapping[str, tuple[Path, Any]]
) -> tuple[Policy | None, list[Complaint]]:
    """One policy, or complaints that stand where the wrong value does."""
    try:
        model = load_policy(entry)
    except ConfigError as error:
        return None, [Complaint((*path, "kind") if "kind" not in entry else path, str(error))]
    options = {key: value for key, value in entry.items() if key not in OWN}
    options |= {key: value for key, (_, value) in overrides.items()}
    checked = check_once(model, Written(repr(options), options))
    places = {key: place for key, (place, _) in overrides.items()}
    return checked.value, [
        Complaint((*place(wrong.path, path, places),), wrong.text) for wrong in checked.complaints
    ]


@lru_cache(MANY)
def check_once(model: type, written: Written) -> Checked:
    """What a model makes of options; queues whose rules read the same have the same ones, made once."""
    return check(model, written.options)


def place(wrong: Path, path: Path, overrides: Mapping[str, Path]) -> Path:
    """Where an option of a policy stands: at its override, or in the chain."""
    overridden = overrides.get(str(wrong[0])) if wrong else None
    return (*path, *wrong) if overridden is None else (*overridden, *wrong[1:])


def load_policy(entry: Mapping[str, Any]) -> Any:
    """The class of one entry of a chain."""
    kind = entry.get("kind")
    if kind is None:
        raise ConfigError(f"is missing; it wants one of {', '.join(registry.kinds('policies'))}")
    if not isinstance(kind, str):
        raise ConfigError(f"kind must be text; found {words.show(kind)}")
    return registry.load("policies", kind)


def check_names(entries: Sequence[Mapping[str, Any]], key: str) -> list[Complaint]:
    """Names are text, and no two policies of a chain have the same."""
    complaints = []
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        name = entry.get("name")
        if name is None:
            continue
        if not isinstance(name, str):
            complaints.append(Complaint((key, index, "name"), f"must be text; found {words.show(name)}"))
        elif name in seen:
            same = f"{key}[{seen[name]}] has the name '{name}' already"
            complaints.append(Complaint((key, index, "name"), same))
        else:
            seen[name] = index
    return complaints


def find(key: str, entries: Sequence[Mapping[str, Any]]) -> int:
    """The policy that `policy.KEY` overrides: the one of this name, or the only one of this kind."""
    named = [index for index, entry in enumerate(entries) if entry.get("name") == key]
    if named:
        return named[0]
    of_kind = [index for index, entry in enumerate(entries) if entry.get("kind") == key]
    if len(of_kind) == 1:
        return of_kind[0]
    if of_kind:
        raise ConfigError(
            f"there are {len(of_kind)} policies of kind '{key}' in the chain; give one a `name` and use that"
        )
    names = {entry[own] for entry in entries for own in OWN if isinstance(entry.get(own), str)}
    raise ConfigError(f"no policy '{key}' in the chain; {words.missed(key, names)}")
