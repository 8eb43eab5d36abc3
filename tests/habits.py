"""The rules about what code does: what it catches, calls and names, and which files belong together."""

import ast
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from shape import FUNCTIONS, Source, functions, imports

BROAD = {"Exception", "BaseException"}
MACHINE = re.compile(r"(?<![\w.$}~*>-])/(?:w[o]rk|r[o]ot|h[o]me/[a-z][\w-]*)/")
REGISTRY = re.compile(r"\b(?:p[y]pi\.org|p[y]thonhosted\.org|registry\.[n]pmjs\.org|d[e]b\.debian\.org)\b")
LINK = re.compile(r"\]\(([^)\s]+)\)")
TOML = re.compile(r"^```toml\n(.*?)^```", re.DOTALL | re.MULTILINE)

Allowed = Mapping[tuple[str, str], str]  # (file, function) and the reason


def own(function: ast.AST) -> Iterator[ast.AST]:
    """Everything inside `function` but what belongs to functions inside it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, FUNCTIONS):
            yield node
            yield from own(node)


def scopes(source: Source) -> Iterator[tuple[str, ast.AST]]:
    """The file itself, as '<module>', and each of its functions."""
    yield "<module>", source.tree
    yield from functions(source.tree)


def catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in caught)


def hides_all(node: ast.AST) -> bool:
    """`except Exception`, `except:` or `suppress(Exception)`."""
    if isinstance(node, ast.ExceptHandler):
        return catches_all(node)
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "suppress":
        return any(isinstance(kind, ast.Name) and kind.id in BROAD for kind in node.args)
    return False


def broad_places(source: Source) -> set[tuple[str, str]]:
    """The functions that catch everything."""
    return {
        (source.path, name) for name, scope in scopes(source) if any(hides_all(node) for node in own(scope))
    }


def called(node: ast.AST) -> str:
    """The written name of what a call calls, else nothing."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def calling_places(source: Source, names: Collection[str]) -> set[tuple[str, str]]:
    """The functions that call one of `names`, also where `from time import sleep` hides the module."""
    local = {name.split(".")[-1] for _, name in imports(source) if name in names} | set(names)
    return {
        (source.path, name)
        for name, scope in scopes(source)
        if any(called(node) in local for node in own(scope))
    }


def differences(found: Collection[tuple[str, str]], allowed: Allowed, what: str, mend: str) -> list[str]:
    """Places that are not allowed, and allowed ones that are no more."""
    new = [f"{file}, {name}: {what}; {mend}" for file, name in sorted(set(found) - set(allowed))]
    stale = [
        f"{file}, {name}: listed as a place that {what}, but does not; take it off the list"
        for file, name in sorted(set(allowed) - set(found))
    ]
    return new + stale


def loads(source: Source, libraries: Collection[str]) -> bool:
    """Whether it imports one of `libraries`, anywhere in the file."""
    return any(name.split(".")[0] in libraries for _, name in imports(source))


def dangerous(source: Source) -> list[str]:
    """Ways to run or load what somebody else wrote: shells, pickles, `eval`."""
    modules = {"pickle", "marshal", "shelve", "dill"}
    calls = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "eval"}
    found = [
        f"{place} imports {name}: nothing that was pickled is ever loaded; use JSON"
        for place, name in imports(source)
        if name.split(".")[0] in modules
    ]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called(node) in calls:
            found.append(f"{source.path}:{node.lineno} calls {called(node)}: give subprocess a list of words")
        if isinstance(node, ast.keyword) and node.arg == "shell" and ast.unparse(node.value) != "False":
            found.append(f"{source.path}:{node.value.lineno} uses a shell: give subprocess a list of words")
    return found


def disguises(source: Source) -> list[str]:
    """What hides an arrow that points the wrong way, or an answer that nobody gave."""
    found = [
        f"{source.at(node)} TYPE_CHECKING: an import points the wrong way; move the type down"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).split(".")[-1] == "TYPE_CHECKING"
    ]
    found += [
        f"{source.at(node)} {name}: answers for names nobody wrote down; write them down"
        for name, node in functions(source.tree)
        if node.name in {"__getattr__", "__getattribute__"}
    ]
    return found + [
        f"{source.at(node)} global: state of the process belongs to an object that is handed on"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Global)
    ]


# ---- files that belong together


def undeclared(files: Collection[str], declared: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Plug-in files ('targets/local.py') without an entry point in their kind's table."""
    known = {
        reference.partition(":")[0].removeprefix("autopyfactory.").replace(".", "/") + ".py"
        for table in declared.values()
        for reference in table.values()
    }
    return [
        f'{file} is no entry point: add it to [project.entry-points."autopyfactory.{file.split("/")[0]}"] of'
        " pyproject.toml, or, when plug-ins share it, move it to clients/"
        for file in sorted(set(files) - known)
    ]


def missing_plugins(sources: Collection[Source], declared: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Entry points that name a file or class that is not there, or one of another folder."""
    classes = {
        (source.path, node.name)
        for source in sources
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
    }
    found = []
    for kind, table in declared.items():
        for name, reference in table.items():
            module, _, title = reference.partition(":")
            path = module.removeprefix("autopyfactory.").replace(".", "/") + ".py"
            if path != f"{kind}/{name}.py":
                found.append(f"{kind}: {name!r} should live in {kind}/{name}.py, not in {path}")
            elif (path, title) not in classes:
                found.append(
                    f"{kind}: {name!r} is declared as {reference!r}, but {path} has no class {title}"
                )
    return found


def strays(tests: Collection[str], files: Collection[str], special: Collection[str]) -> list[str]:
    """Test files that mirror no file, 'targets/test_x.py' for 'targets/x.py', and stale exceptions."""
    found = []
    for test in sorted(set(tests) - set(special)):
        folder, _, name = test.rpartition("/")
        mirrored = f"{folder}/{name.removeprefix('test_')}".lstrip("/")
        if mirrored not in files and mirrored.removesuffix(".py") + "/__init__.py" not in files:
            found.append(
                f"tests/{test} mirrors no source file {mirrored}: rename it, or add it to SPECIAL_TESTS"
            )
    return found + [
        f"tests/{test} is named in SPECIAL_TESTS but gone" for test in sorted(set(special) - set(tests))
    ]


def ours(root: Path) -> Iterator[Path]:
    """All files of the repository but what .gitignore leaves out (simple patterns only)."""
    lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [".git", *(line.strip("/") for line in lines if line)]
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        names = {*path.parts, *(folder.as_posix() for folder in path.parents)}
        if file.is_file() and not any(fnmatch(name, pattern) for name in names for pattern in patterns):
            yield file


def names_of_machines(path: str, text: str) -> list[str]:
    """Lines that hold an absolute path of somebody's machine, or the host of a package registry."""
    return [
        f"{path}:{number} {what}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, what in (
            (MACHINE, "holds a path of one machine: make it relative, or a temporary folder"),
            (REGISTRY, "names a package registry: leave that to the configuration of pip or apt"),
        )
        if pattern.search(line)
    ]


def dead_links(file: Path, text: str) -> list[str]:
    """Links of a page to files that are not there."""
    targets = [target.partition("#")[0] for target in LINK.findall(text)]
    local = [target for target in targets if target and "://" not in target]
    return [
        f"{file.name} links to {target}, which is not there"
        for target in local
        if not (file.parent / target).exists()
    ]


def broken_examples(file: Path, text: str) -> list[str]:
    """Blocks of TOML in a page that do not parse."""
    found = []
    for block in TOML.findall(text):
        try:
            tomllib.loads(block)
        except tomllib.TOMLDecodeError as error:
            found.append(f"{file.name} holds broken TOML, {error}: {block.strip().splitlines()[0]} ...")
    return found
