# Two commands do everything on a fresh machine: `make backtest` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)

.PHONY: help backtest live-demo test check lint long benchmark lock clean

help:
	@echo "make backtest   back-test on the bundled sample: no account, key or download"
	@echo "make live-demo  a simulated venue and the bot trading on it; DEMO_SECONDS=120"
	@echo "make test       lint, types, tests with coverage"
	@echo "make long       the long suites too"
	@echo "make benchmark  speed against the bare engine and a peer"
	@echo "make lock       renew the lock files from pyproject.toml"

backtest: $(VENV)/.runtime
	$(PYTHON) scripts/backtest.py

live-demo: $(VENV)/.test
	$(PYTHON) scripts/live_demo.py --seconds $(or $(DEMO_SECONDS),120)

test: $(VENV)/.test
	./scripts/check.sh

long: $(VENV)/.test
	$(PYTHON) -m pytest --long

benchmark: $(VENV)/.test
	$(PYTHON) benchmarks/backtest.py

lock: | $(UV)
	$(UV) pip compile -q pyproject.toml --generate-hashes --python-version 3.13 --no-header -o requirements.lock
	$(UV) pip compile -q pyproject.toml --extra test --extra ccxt --extra postgresql --extra research --extra simvenue \
		-c requirements.lock --generate-hashes --python-version 3.13 --no-header -o requirements-test.lock

clean:
	rm -rf $(VENV) .tools .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage*

$(VENV)/.runtime: requirements.lock .python-version | $(UV)
	[ -x $(PYTHON) ] || $(UV) venv -q $(VENV)
	$(UV) pip install -q -p $(VENV) --require-hashes --compile-bytecode -r requirements.lock
	touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.runtime
	$(UV) pip install -q -p $(VENV) --require-hashes --compile-bytecode -r requirements-test.lock
	touch $@

.tools/bin/uv:
	python3 -m venv .tools
	.tools/bin/python -m pip install -q uv
