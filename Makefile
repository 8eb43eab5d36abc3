# One command for each habit.  Everything is installed into .venv, nothing into the system.
# `make` alone lists the targets; PYTHON=... picks the interpreter; ARGS=... is passed on by demo and bench.

VENV  := .venv
BIN   := $(VENV)/bin
PIP   := $(BIN)/python -m pip install -qq
COVER := $(BIN)/coverage run -m pytest

# The exact versions that were tested, for what is installed and for what builds it (both spellings of pip).
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_BUILD_CONSTRAINT := $(PIP_CONSTRAINT)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint format bench clean pins
.PHONY: check-format check-style check-types unit integration coverage integration-sid

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.core ## Jobs and pilots on this machine, shown live; ends by itself
	@$(BIN)/apf demo $(ARGS)

# ---- the checks: `make test` runs them in this order and stops at the first that fails

OF_HTCONDOR := $(sort $(wildcard $(addprefix tests/integration/test_,htcondor_*.py grid_*.py killed_*.py *_schedd.py)))
CHECKS := check-format check-style check-types unit integration coverage integration-sid

test: $(VENV)/.test ## All that must hold before a change is merged
	@for check in $(CHECKS); do \
	  printf '\n== make %s\n' "$$check"; \
	  $(MAKE) --no-print-directory "$$check" || { \
	    printf '\nmake test: %s failed; `make %s` repeats it alone\n' "$$check" "$$check" >&2; exit 1; }; \
	done

lint: check-format check-style check-types ## Formatting, style and types, without tests

format: $(VENV)/.test ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

check-format: $(VENV)/.test ## The code is formatted
	$(BIN)/ruff format --check .

check-style: $(VENV)/.test ## The code follows the style rules
	$(BIN)/ruff check .

check-types: $(VENV)/.test ## The types hold: strictly in the package, loosely in the tests
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini

unit: $(VENV)/.test ## All tests but those with real services; the core is covered in full
	$(BIN)/coverage erase
	$(COVER) tests --ignore=tests/integration
	@$(BIN)/coverage combine --quiet
	@$(BIN)/python tests/coverage_limits.py --core

integration: $(VENV)/.test ## Tests with real services; HTCondor of Debian trixie, which does not move
	APF_TEST_CONDOR=trixie $(COVER) tests/integration
	@$(BIN)/coverage combine --quiet --append

coverage: $(VENV)/.test ## What `unit` and `integration` covered together, file by file
	@$(BIN)/python tests/coverage_limits.py

integration-sid: $(VENV)/.test ## Those of HTCondor with the newest one, Debian sid's
	APF_TEST_CONDOR=sid $(BIN)/python -m pytest $(OF_HTCONDOR)

bench: $(VENV)/.test ## Measure speed and memory; the figures go to build/bench.json
	@$(BIN)/python benchmarks $(ARGS)

pins: ## Write the newest versions that fit into constraints.txt; test before you commit it
	.ci/pins >constraints.new && mv constraints.new constraints.txt || { rm -f constraints.new; exit 1; }

clean: ## Remove what make created, the virtual environment too
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- the virtual environment: a stamp for each state, so that nothing is installed twice

$(VENV)/.made:
	@PYTHON="$(PYTHON)" .ci/venv $(VENV)
	@touch $@

$(VENV)/.core: pyproject.toml constraints.txt $(VENV)/.made
	@echo "Installing the factory into $(VENV)" >&2
	@$(PIP) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt $(VENV)/.made
	@echo "Installing the factory with the HTCondor bindings and the test tools into $(VENV)" >&2
	@$(PIP) --editable '.[htcondor,test]'
	@touch $(VENV)/.core $@
