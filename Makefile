# Two commands matter: `make scenarios` (the main job) and `make test`. Each sets up what it needs first, on a machine
# that has Python 3.11 or newer and make.

PYTHON  ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
             $(if $(shell $(name) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null | grep True),$(name))))
VENV    ?= .venv
AGENTS  ?= .venvs
WORKERS ?= 4
BIN      = $(VENV)/bin
PIP      = -m pip --disable-pip-version-check -q install

.DELETE_ON_ERROR:
.PHONY: scenarios test lint unit contract agents schema bench clean

# The main job: every scenario, each a trial of a real agent before a sick HMC. Options for pytest go into ARGS.
scenarios: $(VENV)/ready agents
	$(BIN)/python -m pytest scenarios -n $(WORKERS) $(ARGS)

# The harness's own tests.
test: lint unit contract

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/harness schema --check
	$(BIN)/harness lint scenarios tests/agents/scenarios

unit: $(VENV)/ready
	$(BIN)/python -m pytest tests --ignore tests/contract $(ARGS)

contract: $(VENV)/ready agents
	$(BIN)/python -m pytest tests/contract -n $(WORKERS) $(ARGS)

# Agents that nobody here wrote, unmodified, each in a virtual environment of its own.
agents: $(AGENTS)/zhmccli/ready $(AGENTS)/zhmc-prometheus-exporter/ready

schema: $(VENV)/ready
	$(BIN)/harness schema

# Figures as ratios and in absolute numbers with the machine, into benchmarks/RESULTS.md.
bench: $(VENV)/ready agents
	$(BIN)/python -m benchmarks

$(VENV)/ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) --editable '.[dev]'
	touch $@

$(AGENTS)/%/ready: agent_under_test/requirements/%.txt | $(VENV)/ready
	$(BIN)/python -m venv $(AGENTS)/$*
	$(AGENTS)/$*/bin/python $(PIP) --requirement $<
	touch $@

clean:
	rm -rf $(VENV) $(AGENTS) runs .mypy_cache .ruff_cache .pytest_cache
