# Every target sets up what it needs: a virtual environment from pyproject.toml, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test generate check bench format clean

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(READY)  ## A real order through REST, WebSocket API and user stream, against the embedded exchange.
	$(BIN)/specwright generate
	$(BIN)/specwright demo

generate: $(READY)  ## Renders spec/ into generated/.
	$(BIN)/specwright generate

check: $(READY)  ## What is wrong with spec/, and whether generated/ is what it gives.
	$(BIN)/specwright check --fail-on info
	$(BIN)/specwright generate --check

test: $(READY)  ## Everything that CI runs.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy generator/specwright generated/binance_derivatives tests
	$(BIN)/specwright check --fail-on info
	$(BIN)/specwright generate --check
	$(BIN)/pytest -n auto --dist worksteal

bench: $(READY)  ## Speed beside the peers, as ratios; the peers live in an environment of their own.
	$(MAKE) -C tests/bench PYTHON=$(abspath $(BIN)/python)

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
