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
export MATRIX_STEPS TEST_PYTHON

TOOLS := tests/tools
IN_ENV := @$(TOOLS)/in_env.sh
# As a collection, which is how they import each other
ROOMS := $(addprefix .cache/collections/ansible_collections/kajeet/sentinel/plugins/,module_utils plugin_utils)

# What make check runs, two at a time
CHECK := units lint-python lint-words lint-types activation
# What make test runs, in this order, two at a time: first what takes longest, which uses both cores by itself
LINT := lint-python lint-words lint-types lint-yaml lint-changelog lint-shell lint-licenses docs-lint lint-ansible
STEPS := integration coverage sanity molecule soak-short runner-tests event-tests simulator-tests integration-installed report-tests tools-tests importer ee-tests $(LINT)

.DEFAULT_GOAL := help
.PHONY: help demo check test lint $(LINT) messages sanity units activation ansible-test-units integration integration-installed ansible-test-integration tools-tests simulator-tests report-tests ee-tests event-tests runner-tests molecule coverage lower-bounds importer matrix format build soak soak-short bench docs clean setup-demo setup-test setup-bench setup-docs

help:
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-24s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Start here
demo: setup-demo ## activate a sample fleet on the simulator
	@mkdir -p .cache/demo
	$(IN_ENV) env ANSIBLE_DISPLAY_SKIPPED_HOSTS=1 ansible-playbook kajeet.sentinel.demo -e '{"demo_directory": "$(CURDIR)/.cache/demo"}' $(DEMO_ARGS)

# What set-up checks, or brings, before it installs anything
test report-tests: export NEEDS_BROWSER := 1
setup-test: export NEEDS_CLONE := 1

# make check looks for mistakes of today: fewer examples of each property, and dialects, than make test
check: export TEST_EXAMPLES ?= 10
check: setup-test ## the loop: linters, units, one activation; 1 minute
	@MAKE='$(MAKE)' .venv/bin/python $(TOOLS)/run_steps.py $(CHECK)

# Fewer examples of each property than make units and the matrix, which look at 100
test: export TEST_EXAMPLES ?= 20
test: setup-test ## everything that CI runs
	@MAKE='$(MAKE)' .venv/bin/python $(TOOLS)/run_steps.py $(STEPS)

##@ Linters
lint: $(LINT) ## all linters

lint-python: setup-test ## ruff: rules and formatting
	$(IN_ENV) ruff check
	$(IN_ENV) ruff format --check

lint-words: setup-test ## spelling, and phrases that read badly
	$(IN_ENV) codespell
	$(IN_ENV) python $(TOOLS)/lint_words.py

lint-types: setup-test ## mypy, strict
	$(IN_ENV) env MYPYPATH=tests:tests/tools:tests/soak:tests/runner:tests/integration/targets/setup_harness:tests/integration/targets/secrets \
		mypy $(ROOMS) tests/tools tests/soak/soaking tests/benchmark tests/runner extensions/eda/plugins/event_source/transactions.py

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

importer: setup-test ## galaxy-importer, without a warning
	@$(TOOLS)/galaxy_importer.sh

##@ Tests
units: setup-test ## unit tests, on both cores
	@$(TOOLS)/units.sh

coverage: setup-test ## unit tests, and the branches they take (95 %)
	@$(TOOLS)/coverage.sh

activation: setup-test ## one activation, from check mode to a second run
	$(IN_ENV) pytest -q tests/integration/targets/sentinel_activation/test_activation_four_runs.py -k test_one_device

# All but the one that integration-installed runs
integration: setup-test ## real playbooks; one: make TARGET=name integration
	$(IN_ENV) pytest -q -n 2 --dist loadfile --durations=10 $(if $(TARGET),tests/integration/targets/$(TARGET),tests/integration --ignore=tests/integration/targets/installed)

integration-installed: setup-test ## the built collection, by ansible-test
	@$(TOOLS)/ansible_test.sh integration installed

simulator-tests: setup-test ## the simulator
	$(IN_ENV) pytest -q -n 2 --dist loadfile --durations=5 tests/simulator

event-tests: setup-test ## the event source; its rules where Java is
	$(IN_ENV) pytest -q -n 2 --dist loadfile --durations=5 tests/eda

runner-tests: setup-test ## slices and the size of results, by ansible-runner
	$(IN_ENV) pytest -q --durations=5 tests/runner

report-tests: setup-test ## the report, in headless Chromium
	@chromium=$$($(TOOLS)/chromium.sh) && $(TOOLS)/in_env.sh env CHROMIUM="$$chromium" pytest -q --durations=5 tests/report

ee-tests: setup-test ## execution environments, by ansible-builder create
	$(IN_ENV) pytest -q tests/ee

tools-tests: setup-test ## set-up on bare machines, and these tools
	$(IN_ENV) pytest -q --durations=5 tests/tools

molecule: setup-test ## the scenarios of the roles fleet and simulator
	@$(TOOLS)/molecule.sh

soak-short: setup-test ## exactly once, under faults and kills: 45 seconds
	$(IN_ENV) python tests/soak --seconds 45 $(or $(strip $(SOAK_ARGS)),--seed=1)

##@ Longer tests
soak: setup-test ## soak-short for 10 minutes; again: SEED=1 ROUND=2
	$(IN_ENV) python tests/soak --runs 200 $(SOAK_ARGS)

matrix: setup-test ## ansible-test, each ansible-core; one: CORE=2.20
	@$(TOOLS)/matrix.sh $(CORE)

lower-bounds: setup-test ## unit tests with the oldest dependencies and Python
	@$(TOOLS)/lower_bounds.sh

ansible-test-units: setup-test ## ansible-test units, on the Python of .venv
	@$(TOOLS)/ansible_test.sh units

ansible-test-integration: setup-test ## ansible-test integration; TARGET=name as above
	@$(TOOLS)/ansible_test.sh integration $(TARGET)

bench: setup-bench ## measure, into docs/benchmarks.md; some: ONLY=name
	$(IN_ENV) bash -c 'cd tests && exec python -m benchmark "$$@"' bench $(ONLY)

##@ Make something
format: setup-test ## format the Python code, and fix what ruff can fix
	$(IN_ENV) ruff check --fix-only
	$(IN_ENV) ruff format

messages: setup-test ## update docs/messages.md from the code
	$(IN_ENV) python $(TOOLS)/messages.py --write

build: setup-demo ## build the collection's archive, in .cache/build
	$(IN_ENV) ansible-galaxy collection build --force --output-path .cache/build

docs: setup-docs ## build the documentation site, in .cache/docs
	@$(TOOLS)/build_docs.sh

clean: ## remove everything that was set up
	rm -rf .venv .cache .ansible

# One after the other, with make -j too
setup-test setup-bench setup-docs: setup-demo
setup-demo setup-test setup-bench setup-docs: setup-%:
	@$(TOOLS)/setup.sh $*
