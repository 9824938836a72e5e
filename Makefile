# Everything sets itself up: Python 3.11+ and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: run test paid-once gallery screens check format bench lock clean

run: $(STAMP) ## Set up and start the whole studio
	@exec $(BIN)/atelier run

test: $(DEV) ## Set up and run the tests
	@.ci/browser
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

paid-once: $(DEV) ## Kill workers at twenty moments of a call to each provider that can be asked again
	@KILLS=20 $(BIN)/python -m pytest tests/test_paid_once.py $(ARGS)

gallery: $(DEV) ## Draw docs/tools.md anew, pictures and text
	@$(BIN)/python -m cli.gallery $(ARGS)

screens: $(DEV) ## Take pictures of the pages for docs/screens
	@.ci/browser
	@mkdir -p docs/screens
	@SCREENS=docs/screens $(BIN)/python -m pytest -q tests/web/test_browser.py

check: $(DEV) ## Format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports

format: $(DEV)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV) ## The measured claims, side by side
	@$(BIN)/python -m bench $(ARGS)

lock: $(DEV) ## Lock the dependencies again: hashes, and no address of where they came from
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group dev pyproject.toml -o requirements-dev.lock

$(VENV)/bin/python:
	@echo "Setting up (about half a minute, once)…"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Atelier needs Python 3.11 or newer; say make PYTHON=python3.12, for example.")'
	@$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/python requirements.lock pyproject.toml
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(STAMP) requirements-dev.lock
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	@rm -rf $(VENV) build *.egg-info
