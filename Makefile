# fanstudio on a fresh Debian 12: `make demo`, `make run`, `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PINS := packaging/constraints.txt
DEMO := build/demo
PYTEST := QT_QPA_PLATFORM=offscreen $(BIN)/pytest

# Debian keeps ensurepip in a package of its own; any other Python brings it.
VENV_PACKAGE = $(shell $(PYTHON) packaging/venv_package.py 2>/dev/null || echo python3.11-venv)
# Wheels only: a fresh machine has no compiler. The pins hold for the build as well (the variable's
# second name is that of newer pips).
PIP_INSTALL := PIP_CONSTRAINT=$(PINS) PIP_BUILD_CONSTRAINT=$(PINS) $(BIN)/python -m pip install \
	-q --disable-pip-version-check --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help system install demo run check test e2e soak bench gallery wheel clean

help:            ## say what can be made
	@grep -E '^[a-z0-9]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# The suites want a browser and a screen besides; the demo does without.
test e2e soak bench: SUITES := --tests

system:          ## install the missing Debian packages
	@sh packaging/install-system.sh packaging/system-packages.txt $(SUITES) $(VENV_PACKAGE)

install: system $(STAMP) ## make .venv and install fanstudio with its pins

$(STAMP): pyproject.toml $(PINS) | system
	@echo "Installing fanstudio and its libraries into $(VENV); the first time takes minutes."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP_INSTALL) -e '.[dev]'
	@touch $@

demo: install    ## do the whole job on the demo song, without a screen
	@$(BIN)/fanstudio demo --out $(DEMO)

run: $(DEMO)/demo.fanstudio/session.json ## open the window on the demo project, made if absent
	@$(BIN)/fanstudio open $(DEMO)/demo.fanstudio

$(DEMO)/demo.fanstudio/session.json: | install
	@$(BIN)/fanstudio demo --out $(DEMO)

check: install   ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check      ## everything that must pass before a change lands
	$(PYTEST) -n auto --dist worksteal

e2e: install     ## the real window under Xvfb, with screenshots
	$(PYTEST) -m e2e

soak: install    ## long campaigns: kills, fuzzing, independent references
	$(PYTEST) -m soak --timeout=3600

bench: install   ## speed and robustness tables
	$(PYTEST) -m bench -s --timeout=3600

gallery: install ## draw and measure what every style makes of the demo song
	$(BIN)/python packaging/gallery/make.py build/gallery

wheel: install   ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean:           ## remove what was made here, .venv included
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
