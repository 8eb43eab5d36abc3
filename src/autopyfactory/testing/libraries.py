"""What the kit needs of other people's libraries; imported before the rest of it."""

try:
    import hypothesis  # noqa: F401  # only looked for
    import pytest
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"autopyfactory.testing needs '{error.name}': pip install 'autopyfactory[testing]'", name=error.name
    ) from error

ASSERTING = ("checks", "credentials", "fakes", "monitors", "plugins", "policies", "sources", "targets")

# Their failed assertions explain themselves like those of a test file.
pytest.register_assert_rewrite(*(f"autopyfactory.testing.{name}" for name in ASSERTING))
