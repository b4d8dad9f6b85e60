# crm360: `make run` and `make test` are all a fresh machine needs. Works with GNU Make 3.81 and newer.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
PACKAGES := node_modules/.installed
ASSETS := crm360/static/vendor/icons.svg
PARALLEL ?= -n auto --dist=worksteal
# What is compiled for tests is kept also where the environment says otherwise: each test process reads it all.

.PHONY: help setup run serve test lint format bench bench-identity bench-pages bench-segments screenshots container check upgrade clean
.DEFAULT_GOAL := help

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(RUNTIME) $(ASSETS) ## install everything that running needs

run: setup ## start with the demo shop (loaded on the first run) and print where it is
	@LOG_LEVEL=$${LOG_LEVEL:-warning} $(BIN)/python -m crm360.cli.serve --demo

serve: setup ## start without demo data
	@$(BIN)/python -m crm360.cli.serve

test: setup $(DEVELOPMENT) ## run every test
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(PARALLEL) $(TESTS)

lint: setup $(DEVELOPMENT) ## check style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOPMENT) ## bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup $(DEVELOPMENT) ## run every benchmark and print its figures
	$(BIN)/python bench/run.py

bench-identity: setup $(DEVELOPMENT) ## measure who-is-who against labelled sets and Splink (CRM360_DATA: their folder)
	PYTHONPATH=. $(BIN)/python bench/identity.py $(SETS)

bench-segments: setup $(DEVELOPMENT) ## count seven behavioural rules over 2M events (POSTGRESQL_URL: an empty database beside SQLite)
	PYTHONPATH=. $(BIN)/python bench/segments.py $(SIZE)

bench-pages: setup $(DEVELOPMENT) ## time pages over HTTP with many customers (SIZE="CONTACTS EVENTS")
	PYTHONPATH=. $(BIN)/python -m bench.pages $(SIZE)

screenshots: setup $(DEVELOPMENT) ## photograph every page, wide and narrow, light and dark (INTO: the folder)
	PYTHONPATH=. $(BIN)/python tools/screenshots.py $(or $(INTO),$(error say where: make screenshots INTO=/tmp/pictures))

container: setup ## carry deploy/Containerfile out in a bare Debian root and use what it makes (as root; BASE: a folder that keeps the root)
	$(BIN)/python tools/try_container.py $(if $(BASE),--base $(BASE))

check: lint test ## everything CI does

upgrade: $(DEVELOPMENT) ## pin the newest version of every package
	$(BIN)/python tools/pin_requirements.py

clean: ## remove what `make setup` made; the database stays
	rm -rf $(VENV) node_modules crm360/static/vendor

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "crm360 needs Python 3.11 or newer; none was found (set PYTHON=/path/to/python3)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "crm360 needs Python 3.11 or newer; $(PYTHON) is not." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is missing (Debian: apt install python3-venv)." >&2; exit 1; }
	@touch $@

$(RUNTIME): requirements.txt $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(PACKAGES): package.json package-lock.json $(VENV)/.made
	$(BIN)/python tools/install_packages.py
	@touch $@

$(ASSETS): $(PACKAGES) crm360/static/icons.txt tools/vendor_assets.py
	$(BIN)/python tools/vendor_assets.py
