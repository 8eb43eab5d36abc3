"""Bearer token discovery, by the rules of WLCG: where a process finds the token that it was left."""

import os
from collections.abc import Mapping
from pathlib import Path

from autopyfactory.clients.kept import read, refuse_others

PLACES = "BEARER_TOKEN, BEARER_TOKEN_FILE, $XDG_RUNTIME_DIR/bt_u$UID, /tmp/bt_u$UID"


def discover(environment: Mapping[str, str], folder: Path = Path("/tmp")) -> str:  # noqa: S108  # the rules say so
    """The token itself, from the first place that has one; `ValueError` says why there is none.

    Of a place that is named but holds nothing the search ends there: who named it meant it.
    """
    if token := environment.get("BEARER_TOKEN", "").strip():
        return check(token, "BEARER_TOKEN")
    if named := environment.get("BEARER_TOKEN_FILE"):
        return take(Path(named))
    name = f"bt_u{os.geteuid()}"
    runtime = environment.get("XDG_RUNTIME_DIR")
    for path in ([Path(runtime) / name] if runtime else []) + [folder / name]:
        if path.exists():
            return take(path)
    raise ValueError(f"there is no bearer token: {PLACES}")


def take(path: Path) -> str:
    """The token in a file of ours; another user may have put one into a folder that is open to all."""
    try:
        status, content = read(path)
    except OSError as error:
        raise ValueError(f"'{path}': {error.strerror}") from error
    if status.st_uid != os.geteuid():
        raise ValueError(f"'{path}' belongs to user {status.st_uid}, and not to us")
    refuse_others(path, status, 0o027)
    return check(content.decode(errors="replace").strip(), f"'{path}'")


def check(token: str, place: str) -> str:
    """The token; `ValueError` where it cannot be one, which is not repeated."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(f"{place} holds no token")
    return token
