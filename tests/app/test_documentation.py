"""The pages name every option that the code has.  A line that is missing can be copied from the failure."""

from pathlib import Path

import pytest

from autopyfactory.app.assembly.tables import QueueTable
from autopyfactory.app.assembly.words import show
from autopyfactory.app.description import Option, options_of
from autopyfactory.plan import FactorySettings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def line(option: Option) -> str:
    """An option as a row of a table."""
    default = "required" if option.required else "unset" if option.default is None else show(option.default)
    meaning = option.documentation.replace("|", "\\|")
    return f"| `{option.name}` | {default.strip(chr(39)) or 'none'} | {meaning} |"


@pytest.mark.parametrize("model", [FactorySettings, QueueTable])
def test_every_option_stands_in_the_page_with_its_default(model: type) -> None:
    written = PAGE.read_text().splitlines()
    assert [row for row in map(line, options_of(model)) if row not in written] == []
