"""What must be there when a configuration is read: files and folders of this machine that we only read."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from autopyfactory.options import Location


def check_there(path: Path) -> Path:
    """A file or folder that we can read; `ValueError` says what is wrong."""
    if not os.access(path, os.R_OK):
        raise ValueError(f"'{path}' does not exist, or we may not read it")
    return path


def check_folder(path: Path) -> Path:
    """A folder that we can look into; `ValueError` says what is wrong."""
    if not check_there(path).is_dir() or not os.access(path, os.X_OK):
        raise ValueError(f"'{path}' is no folder that we can look into")
    return path


There = Annotated[Location, AfterValidator(check_there)]
Folder = Annotated[Location, AfterValidator(check_folder)]
