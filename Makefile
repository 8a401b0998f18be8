# make help lists what there is. Everything works on a fresh machine with Go, Python 3.11 and a C compiler.
GO       ?= go
PYTHON   ?= python3
ENV      ?= dev
LOCALAWS := .venv/localaws/bin/python
LINT     := .venv/lint/bin/python
TOOL     := $(GO) tool -modfile=tools/go.mod
# The race detector needs a C compiler, and takes five times as long: with it, tests that try every call try every fourth.
RACE     := $(if $(shell command -v $$($(GO) env CC)),-race,)

.DEFAULT_GOAL := help
.PHONY: help templates check lint demo test test-go test-python bench local-aws local-aws-stop \
  test-node test-node-faults test-node-browser demo-site demo-site-stop bench-node

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 18

templates: ## Generate out/ from environments/
	CGO_ENABLED=0 $(GO) run ./cmd/gen

check: ## Is out/ fresh, is the code sound, do the templates pass the linters?
check: lint
	$(GO) run ./cmd/gen --check
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }

lint: $(LINT) ## cfn-lint, checkov, cloudformation-validate and shellcheck over what is generated
	$(LINT) lint/lint.py --whole out

demo: $(LOCALAWS) ## Show the main job on the local AWS: make demo [ENV=prod]
	test/demo.sh $(ENV)

test: check test-go test-python ## Everything that can be proved here

test-go: $(LOCALAWS) $(LINT)
	@test -n "$(RACE)" || echo "SKIPPED by name: the race detector, since there is no C compiler"
	$(if $(RACE),$(GO) test $(RACE) -short ./...)
	$(GO) test ./...

test-python: $(LOCALAWS) $(LINT)
	$(LOCALAWS) -m pytest -q localaws test
	$(LINT) -m pytest -q lint

bench: $(LOCALAWS) ## Measure, as ratios to something measured in the same run
	$(GO) test -run '^$$' -bench . -benchmem ./...

local-aws: $(LOCALAWS) ## Start the local AWS on loopback; prints what to export
	@$(LOCALAWS) -m localaws.service start

local-aws-stop: ## Stop the local AWS
	@$(LOCALAWS) -m localaws.service stop

test-node: $(LOCALAWS) ## Boot the nodes for real, with four faults (root, Debian 12 or Ubuntu 24.04; some minutes)
	test/node/run test

test-node-faults: $(LOCALAWS) ## … with every fault (most of an hour)
	test/node/run faults

test-node-browser: $(LOCALAWS) ## … and an administrator's day in a real browser
	test/node/run browser

demo-site: $(LOCALAWS) ## A Moodle to log in to, as the template describes it, until make demo-site-stop
	test/node/run demo

demo-site-stop: $(LOCALAWS) ## End it; nothing is left behind
	test/node/run demo-stop

bench-node: $(LOCALAWS) ## A node's pages, as ratios to Debian's defaults and to the reference's settings
	test/node/run bench

.venv/%/bin/python: %/requirements.txt
	$(PYTHON) -m venv .venv/$*
	.venv/$*/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@
