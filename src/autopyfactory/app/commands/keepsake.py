"""The keepsake of a demonstration: its history, for which `apf explain` and `apf history` may be asked."""

import shutil
from contextlib import suppress
from pathlib import Path

from autopyfactory.app.state import default_folder, prepare
from autopyfactory.errors import ConfigError
from autopyfactory.history.database import COMPANIONS, FILE

FACTORY = "demo"


def keep(state: Path) -> Path | None:
    """Put a closed history in the place of the last one; the folder, None where none can be kept."""
    folder = default_folder(FACTORY)
    with suppress(OSError, ConfigError, RuntimeError):  # no history, no home folder, or no room in it
        prepare(folder)
        draft = folder / f"{FILE}.new"
        shutil.copyfile(state / FILE, draft)
        for companion in COMPANIONS:
            (folder / f"{FILE}{companion}").unlink(missing_ok=True)
        draft.replace(folder / FILE)
        return folder
    return None
