# Every target builds .venv when it has to. Python 3.11 to 3.13; another one: `make PYTHON=python3.13 setup`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-compose check chaos bench screenshots translations lock shell format browser

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## .venv with everything in it

demo: $(READY) ## the whole product on this machine; prints where to look
	@$(BIN)/nproxy demo

test: $(READY) browser ## all tests, journeys in a browser included
	$(BIN)/pytest -n auto

check: $(READY) ## format, lint, types, architecture, migrations, templates, rules; under a minute
	@scripts/check

chaos: $(READY) ## the long proofs at full size
	$(BIN)/pytest tests/chaos --full -n auto

test-compose: $(READY) browser ## the stack in containers: a journey over HTTPS, kills, an update; needs Docker
	COMPOSE_TEST=1 $(BIN)/pytest -n 0 -x tests/compose

bench: $(READY) ## measures latency and throughput; prints a table
	$(BIN)/python -m bench

screenshots: $(READY) browser ## pictures of every page
	$(BIN)/python -m tests.journeys.screenshots

shell: $(READY) ## a Python shell with the models, on the database of the data directory
	@$(BIN)/python scripts/shell.py

format: $(READY) ## writes the format that `make check` asks for
	$(BIN)/ruff check --fix-only --quiet src tests scripts
	$(BIN)/ruff format src tests scripts

translations: $(READY) ## brings the catalogues up to date with what the sources say
	@$(BIN)/python scripts/translations.py

lock: $(READY) ## renews requirements/*.txt from pyproject.toml
	@scripts/lock

browser:
	@scripts/browser

$(READY): requirements/dev.txt pyproject.toml
	@PYTHON="$(PYTHON)" scripts/setup
	@touch $@
