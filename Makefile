# make run    sets everything up and opens the app on http://localhost:8501
# make test   sets everything up and runs all tests      make test-fast  those that need this process only
# make check  ruff, mypy, and what checks the scripts    make bench  the benchmarks, quick
# make lock   every version anew, for requirements.lock  make clean  removes the environment
# make types  TypeScript's types of the JSON that Python writes, anew
# make screenshots  the README's pictures, anew

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(shell command -v uv >/dev/null 2>&1 && echo "uv pip install --compile-bytecode --python $(BIN)/python" || echo "$(BIN)/python -m pip install")

# Test processes side by side: no more than cores, and than 2 GB of memory each allow on a usual machine.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 4 ] && n=4; echo $$n)
# A file's tests stay together. Each process has its share of the cores: OpenMP's threads wait for each other otherwise.
PARALLEL := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --durations=20

.PHONY: run test test-fast check check-js bench screenshots clean programs lock types

run: $(VENV)/.run
	$(BIN)/streamlit run Home.py

# The browser's tests come alone: what they time is a person's waiting.
test: $(VENV)/.test programs
	$(PARALLEL) -m "not browser"
	$(BIN)/python -m pytest -m browser --durations=20

test-fast: $(VENV)/.test
	$(PARALLEL) -m "not browser and not process and not torch and not postgresql"

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory check-js

check-js:
	@if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then \
		echo "check-js: node or npm is missing, so the scripts are not checked."; exit 0; fi; \
	[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent || exit 1; \
	npm run --silent lint && npm test --silent

bench: $(VENV)/.test
	@for name in $$(ls benchmarks | sed -n 's/^\([a-z]*\)\.py$$/\1/p'); do \
		echo "== $$name"; $(BIN)/python -m benchmarks.$$name --quick || exit 1; done

# The pictures in the README are what the test of the whole loop saw.
screenshots: $(VENV)/.test programs
	$(BIN)/python -m pytest tests/browser/test_loop.py tests/browser/test_folder_walk.py
	mkdir -p docs && cp test-output/screenshots/*.png docs/

types: $(VENV)/.test
	$(BIN)/python -m tests.typescript

clean:
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Curate needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(INSTALL) -r requirements.lock
	$(INSTALL) --no-deps -e .
	touch $@

# The S3 server of the tests needs an older python-dateutil than the rest: it has an environment of its own.
$(VENV)/.test: requirements-test.txt requirements-s3-server.txt $(VENV)/.run
	$(INSTALL) -c requirements.lock -r requirements-test.txt
	$(PYTHON) -m venv $(VENV)/s3
	$(BIN)/uv pip install --quiet --python $(VENV)/s3/bin/python -r requirements-s3-server.txt
	touch $@

# For every system and Python that Curate runs on; no registry is named, so that any will do.
lock: $(VENV)/.test
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-emit-index-url \
		--no-emit-find-links requirements.txt --output-file requirements.lock

# The browser tests need Chromium, the catalog is also tested on PostgreSQL, deploy/ on nginx: all are installed where that is a
# matter of course, else their tests skip and say so.
programs:
	@if [ "$$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then \
		missing=; command -v chromium >/dev/null 2>&1 || missing=chromium; \
		ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
		command -v nginx >/dev/null 2>&1 || missing="$$missing nginx-light"; \
		if [ -n "$$missing" ]; then apt-get update -qq && apt-get install -y -qq $$missing; fi; fi
