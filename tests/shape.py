"""The rules of the source tree as functions: from a parsed file to sentences that say what to mend."""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "autopyfactory"
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of the package; `path` is relative to it: 'targets/local.py'."""

    path: str
    text: str
    tree: ast.Module

    @property
    def part(self) -> str:
        """The first word of its name: 'cycle', 'targets'."""
        return self.path.split("/")[0].removesuffix(".py")

    def at(self, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
        return f"{self.path}:{node.lineno}"


def parse(path: str, text: str) -> Source:
    return Source(path=path, text=text, tree=ast.parse(text))


def read(folder: Path) -> list[Source]:
    """All files of the package in `folder`."""
    files = sorted(folder.rglob("*.py"))
    return [parse(file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8")) for file in files]


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Every function with its qualified name, 'Worker.run'."""
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            name = f"{prefix}.{node.name}" if prefix else node.name
        if isinstance(node, FUNCTIONS):
            yield name, node
        yield from functions(node, name)


def imports(source: Source) -> Iterator[tuple[str, str]]:
    """Where something is imported, and its full name; one of ours that is relative keeps its dots."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((source.at(node), alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            yield from ((source.at(node), f"{origin}.{alias.name}") for alias in node.names)


def parts(source: Source) -> Iterator[tuple[str, str]]:
    """Where something of ours is imported, and which part of the package it belongs to."""
    for place, name in imports(source):
        words = name.split(".")
        if words[0] == PACKAGE:
            yield place, words[1] if len(words) > 1 else ""


# ---- the direction of imports


def wrong_way(source: Source, layers: Sequence[Collection[str]]) -> list[str]:
    """Imports that do not point strictly down; `layers` are listed from the lowest up."""
    height = {part: level for level, layer in enumerate(layers) for part in layer}
    if source.path == "__init__.py":
        return [f"{place} the package itself imports nothing of ours" for place, _ in parts(source)]
    if source.part not in height:
        return [
            f"{source.path} stands in no layer: give '{source.part}' its place in LAYERS, as low as it can"
        ]
    unknown = [(place, part) for place, part in parts(source) if part not in height]
    upward = [
        (place, part)
        for place, part in parts(source)
        if part in height and height[part] >= height[source.part] and not (part == source.part in OPEN)
    ]
    return [f"{place} imports {part!r}, which stands in no layer" for place, part in unknown] + [
        f"{place} imports {part!r}, but {source.part!r} stands no higher: take what you need as an argument,"
        " or move what both use further down (plug-ins: into clients/)"
        for place, part in upward
    ]


OPEN = frozenset({"app", "clients", "history", "testing"})  # folders whose files may import each other


def forbidden_parts(source: Source, users: Collection[str], of: Collection[str], why: str) -> list[str]:
    """Imports of the parts `of` by the parts `users`."""
    if source.part not in users:
        return []
    return [f"{place} imports {part!r}: {why}" for place, part in parts(source) if part in of]


def foreign(source: Source, users: Collection[str], allowed: Collection[str], why: str) -> list[str]:
    """Imports of libraries that are not on a list, in the parts `users`."""
    if source.part not in users:
        return []
    names = [(place, name.split(".")[0]) for place, name in imports(source)]
    return [f"{place} imports {name!r}: {why}" for place, name in names if name not in {*allowed, PACKAGE}]


def relative_imports(source: Source) -> list[str]:
    found = [place for place, name in imports(source) if name.startswith(".")]
    return [f"{place} write the full name: 'from {PACKAGE}.x import y'" for place in found]


def neighbours(source: Source) -> set[str]:
    """The paths of the files of ours that it imports."""
    modules = [name.split(".")[1:] for _, name in imports(source) if name.startswith(f"{PACKAGE}.")]
    return {"/".join(words) + ".py" for module in modules for words in (module, module[:-1])}


def reachable(sources: Collection[Source], starts: Collection[str]) -> set[str]:
    """The paths of all files that are loaded when those at `starts` are."""
    graph = {source.path: neighbours(source) for source in sources}
    found, ahead = set[str](), set(starts)
    while ahead:
        found |= ahead
        ahead = {path for start in ahead for path in graph[start] if path in graph} - found
    return found


# ---- size


def too_long(source: Source, limit: int) -> list[str]:
    lines = len(source.text.splitlines())
    if lines <= limit:
        return []
    return [f"{source.path} has {lines} lines, at most {limit}: a file is one noun, move the other noun out"]


def long_functions(source: Source, limit: int) -> list[str]:
    sized = [(node, name, (node.end_lineno or 0) - node.lineno + 1) for name, node in functions(source.tree)]
    return [
        f"{source.at(node)} {name} has {lines} lines, at most {limit}: give a part of it a name"
        for node, name, lines in sized
        if lines > limit
    ]


def depth(node: ast.AST) -> int:
    """How deep blocks nest below `node`; an `elif` is no deeper than its `if`, and functions begin anew."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            continue
        inner = isinstance(child, BLOCKS) and not is_elif(node, child)
        deepest = max(deepest, depth(child) + inner)
    return deepest


def is_elif(parent: ast.AST, child: ast.AST) -> bool:
    return isinstance(parent, ast.If) and parent.orelse == [child] and isinstance(child, ast.If)


def deep_functions(source: Source, limit: int) -> list[str]:
    nested = [(node, name, depth(node)) for name, node in functions(source.tree)]
    return [
        f"{source.at(node)} {name} nests {levels} deep, at most {limit}: return early, or name the inner part"
        for node, name, levels in nested
        if levels > limit
    ]


def parameters(function: Function) -> int:
    """All parameters but `self` and `cls`."""
    told = function.args
    named = [*told.posonlyargs, *told.args, *told.kwonlyargs]
    stars = [star for star in (told.vararg, told.kwarg) if star]
    return len(stars) + len([name for name in named if name.arg not in {"self", "cls"}])


def many_parameters(source: Source, limit: int) -> list[str]:
    counted = [(node, name, parameters(node)) for name, node in functions(source.tree)]
    return [
        f"{source.at(node)} {name} takes {count} parameters, at most {limit}: gather what belongs together"
        for node, name, count in counted
        if count > limit
    ]
