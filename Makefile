# Everything lives in .venv and .peers inside this checkout; nothing global is touched (but see `peers`).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
FLOOR := 80.0  # of coverage, in percent; a whole run may raise it

.DEFAULT_GOAL := help
.PHONY: help demo test coverage check format lint types docs reference bench soak peers bundle lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

$(BIN)/.runtime: requirements/runtime.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements/runtime.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(BIN)/.dev: $(BIN)/.runtime requirements/dev.lock
	$(PIP) -r requirements/dev.lock
	@touch $@

demo: $(BIN)/.runtime ## the whole life of an update server, in under a minute
	$(BIN)/tufkeep demo

test: $(BIN)/.dev ## every test that this machine can run
	$(BIN)/python -m pytest -n 2 $(TESTS)

coverage: $(BIN)/.dev ## every test, and the share of lines and branches of src/ that they run (in their own process)
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term:skip-covered $(if $(TESTS),,--cov-fail-under=$(FLOOR)) $(TESTS)

check: format lint types coverage docs ## what must hold before a commit

format: $(BIN)/.dev
	$(BIN)/ruff format --check .

lint: $(BIN)/.dev
	$(BIN)/ruff check .

types: $(BIN)/.dev
	$(BIN)/mypy $(wildcard src tests docs bench examples)

docs: $(BIN)/.runtime ## the generated pages agree with the program
	$(BIN)/python docs/generate.py --check

reference: $(BIN)/.runtime ## write those pages anew
	$(BIN)/python docs/generate.py

bench: $(BIN)/.dev ## one table of ratios against the peers, measured in the same run
	$(BIN)/python -m bench

soak: $(BIN)/.dev ## the slow runs: more examples, more crashes
	TUFKEEP_SOAK=1 $(BIN)/python -m pytest -n 2 -m "slow or not slow" --timeout 3600 $(TESTS)

peers: $(BIN)/.dev ## the real programs that some tests want beside us; asks the system's package manager when it is root
	tests/peers.sh

$(BIN)/.bundle: $(BIN)/.runtime requirements/bundle.lock
	$(PIP) -r requirements/bundle.lock
	@touch $@

bundle: $(BIN)/.bundle ## one file for the stick, in dist/: runs without Python, pip or network
	PYTHONHASHSEED=0 $(BIN)/python bundle/build.py

lock: ## pin every dependency anew, with hashes
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group build pyproject.toml -o requirements/runtime.lock
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -c requirements/runtime.lock --group dev -o requirements/dev.lock
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -c requirements/runtime.lock --group peers -o requirements/peers.lock
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -c requirements/runtime.lock --group bundle -o requirements/bundle.lock
	rm -rf $(VENV)-lock

clean: ## remove what these targets made
	rm -rf $(VENV) $(VENV)-lock .peers .mypy_cache .ruff_cache .hypothesis .coverage build dist
