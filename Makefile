# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything is set up in .venv and .cache; nothing outside of the repository is touched.
# The work is in tests/tools: this file only names it.

SHELL := bash
# Which Python to use: make PYTHON=python3.12 test
export PYTHON
# One integration target: make TARGET=name integration
TARGET ?=
# A soak: SEED and ROUND repeat one, SOAK_SECONDS and SOAK_ROUNDS bound it
SOAK_ARGS = $(SEED:%=--seed=%) $(ROUND:%=--round=%) $(SOAK_SECONDS:%=--seconds=%) $(SOAK_ROUNDS:%=--rounds=%)
# Some scenarios of the benchmark: make ONLY="noop floor" bench
ONLY ?=
# One ansible-core of the matrix, and some of its steps: make CORE=2.20 MATRIX_STEPS="sanity units" matrix
CORE ?=
export MATRIX_STEPS UNITS_PYTHON

TOOLS := tests/tools
IN_ENV := @$(TOOLS)/in_env.sh
PACKAGES := $(foreach room,module_utils plugin_utils,$(if $(wildcard plugins/$(room)),-p ansible_collections.kajeet.sentinel.plugins.$(room)))

# What make test runs, in this order, two at a time: quick answers first, then what takes longest
LINT := lint-python lint-types lint-yaml lint-changelog lint-shell lint-licenses docs-lint lint-ansible
STEPS := $(LINT) integration-playbooks integration-modules sanity runner-tests coverage simulator-tests event-tests molecule soak-short units lower-bounds importer tools-tests report-tests ee-tests
# The integration targets in two halves, so that they can run side by side: what is made of the modules, and the rest.
# awx_setup is with the rest, and the modules for fleets are with the playbooks, so that both take the same time.
PLAYBOOKS := 'playbook_.*' fleet installed filters examples inventory_sentinel progress snippets outputs sentinel_fleet sentinel_report sentinel_drift_info

.DEFAULT_GOAL := help
.PHONY: help demo test lint $(LINT) sanity units integration integration-playbooks integration-modules tools-tests simulator-tests report-tests ee-tests event-tests runner-tests molecule coverage lower-bounds importer matrix format build soak soak-short bench docs clean setup-demo setup-test setup-bench setup-docs

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup-demo ## activate a sample fleet against the simulator
	@mkdir -p .cache/demo
	$(IN_ENV) env ANSIBLE_DISPLAY_SKIPPED_HOSTS=1 ansible-playbook kajeet.sentinel.demo -e '{"demo_directory": "$(CURDIR)/.cache/demo"}' $(DEMO_ARGS)

# What set-up checks, or brings, before it installs anything
test report-tests: export NEEDS_BROWSER := 1
setup-test: export NEEDS_CLONE := 1

test: setup-test ## run everything that CI runs
	@MAKE='$(MAKE)' .venv/bin/python $(TOOLS)/run_steps.py $(STEPS)

lint: $(LINT) ## run all linters

lint-python: setup-test ## ruff: rules and formatting
	$(IN_ENV) ruff check
	$(IN_ENV) ruff format --check

lint-types: setup-test ## mypy, strict
	$(IN_ENV) mypy $(PACKAGES)
	$(IN_ENV) env MYPYPATH=tests/soak:tests/integration/targets/setup_harness mypy tests/tools
	$(IN_ENV) mypy extensions/eda/plugins/event_source/transactions.py
	$(IN_ENV) env MYPYPATH=tests/soak:tests/integration/targets/setup_harness mypy -p soaking
	$(IN_ENV) env MYPYPATH=tests mypy -p benchmark
	$(IN_ENV) env MYPYPATH=tests/runner:tests/integration/targets/setup_harness:tests/integration/targets/secrets mypy tests/runner

lint-yaml: setup-test ## yamllint
	$(IN_ENV) yamllint --strict .

lint-changelog: setup-test ## the changelog's fragments
	$(IN_ENV) antsibull-changelog lint

lint-shell: setup-test ## shellcheck
	$(IN_ENV) bash -c 'git ls-files -co --exclude-standard "*.sh" .ci/run | xargs shellcheck --external-sources'

lint-licenses: setup-test ## REUSE: each file has a licence
	$(IN_ENV) reuse lint --quiet

docs-lint: setup-test ## the collection's documentation
	$(IN_ENV) antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self --disallow-unknown-collection-refs .

lint-ansible: setup-test ## ansible-lint at its production profile
	$(IN_ENV) ansible-lint

sanity: setup-test ## ansible-test sanity
	@$(TOOLS)/ansible_test.sh sanity

units: setup-test ## ansible-test units
	@$(TOOLS)/ansible_test.sh units

integration: setup-test ## ansible-test integration; one target: make TARGET=name integration
	@$(TOOLS)/ansible_test.sh integration $(TARGET)

integration-playbooks: setup-test ## the half of it that is about roles, playbooks, filters and the inventory
	@COPIES=$(CURDIR)/.cache/ansible-test-playbooks $(TOOLS)/ansible_test.sh integration $(PLAYBOOKS)

integration-modules: setup-test ## the other half
	@$(TOOLS)/ansible_test.sh integration $(PLAYBOOKS:%=--exclude %)

tools-tests: setup-test ## what set-up says on machines that lack something, and the tools of the tests
	$(IN_ENV) pytest tests/tools

simulator-tests: setup-test ## the simulator's own tests
	$(IN_ENV) pytest tests/simulator

report-tests: setup-test ## the report, in a headless Chromium
	@chromium=$$($(TOOLS)/chromium.sh) && $(TOOLS)/in_env.sh env CHROMIUM="$$chromium" pytest tests/report

ee-tests: setup-test ## execution environments, by ansible-builder create
	$(IN_ENV) pytest tests/ee

runner-tests: setup-test ## sliced fleets and the size of results, by ansible-runner
	$(IN_ENV) pytest tests/runner

event-tests: setup-test ## the event source; with ansible-rulebook, where Java is
	$(IN_ENV) pytest tests/eda

molecule: setup-test ## the molecule scenarios of the roles fleet and simulator
	@$(TOOLS)/molecule.sh

coverage: setup-test ## which branches of the engine the unit tests take; at least 95 %
	@$(TOOLS)/coverage.sh

lower-bounds: setup-test ## unit tests with the oldest dependencies, on the oldest Python that is found
	@$(TOOLS)/lower_bounds.sh

importer: setup-test ## galaxy-importer, without a warning
	@$(TOOLS)/galaxy_importer.sh

matrix: setup-test ## ansible-test with each ansible-core that is supported, on the Pythons that are found
	@$(TOOLS)/matrix.sh $(CORE)

format: setup-test ## format the Python code and mend what ruff can mend
	$(IN_ENV) ruff check --fix-only
	$(IN_ENV) ruff format

build: setup-demo ## build the collection's archive, in .cache/build
	$(IN_ENV) ansible-galaxy collection build --force --output-path .cache/build

soak: setup-test ## exactly once, under faults, kills and rivals, within ten minutes; again: make soak SEED=1 ROUND=2
	$(IN_ENV) python tests/soak --runs 200 $(SOAK_ARGS)

soak-short: setup-test ## the same for two minutes
	$(IN_ENV) python tests/soak --seconds 90 $(or $(strip $(SOAK_ARGS)),--seed=1)

bench: setup-bench ## measure against what people do today, into docs/benchmarks.md; some of it: make ONLY=name bench
	$(IN_ENV) bash -c 'cd tests && exec python -m benchmark "$$@"' bench $(ONLY)

docs: setup-docs ## build the documentation site, in .cache/docs
	@$(TOOLS)/build_docs.sh

clean: ## remove all that was set up
	rm -rf .venv .cache .ansible

# One after the other, with make -j too
setup-test setup-bench setup-docs: setup-demo
setup-demo setup-test setup-bench setup-docs: setup-%:
	@$(TOOLS)/setup.sh $*
