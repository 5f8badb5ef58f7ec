# fanstudio on a fresh Debian 12: `make demo`, `make run`, `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Debian ships Python without ensurepip; any other Python brings its own.
NEEDS_VENV := $(shell $(PYTHON) -c 'import ensurepip' 2>/dev/null || echo python3.11-venv)

.DEFAULT_GOAL := help
.PHONY: help system install demo run test check e2e soak bench screenshots clean

help:            ## say what can be made
	@grep -E '^[a-z0-9]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

system:          ## install the missing Debian packages
	@sh packaging/install-system.sh packaging/system-packages.txt $(NEEDS_VENV)

install: system $(STAMP) ## make .venv and install fanstudio with its pins

$(STAMP): pyproject.toml packaging/constraints.txt | system
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c packaging/constraints.txt -e '.[dev]'
	@touch $@

demo: install    ## do the whole job on the demo song, without a screen
	@$(BIN)/fanstudio demo

run: install     ## open the window on the demo project
	@$(BIN)/fanstudio open --demo

check: install   ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check      ## everything that must pass before a change lands
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n auto --dist worksteal

soak: install    ## long campaigns: kills, fuzzing, independent references
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -m soak --timeout=3600

bench: install   ## speed and robustness tables
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -m bench -s --timeout=3600

clean:           ## remove what was made here, .venv included
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
