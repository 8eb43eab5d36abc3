"""Failed assertions of the shared test code explain themselves like those of the tests."""

import pytest

pytest.register_assert_rewrite("contracts", "fakes", "plugged", "rig")
