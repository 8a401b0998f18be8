# make help lists what there is. Everything works on a fresh Linux with git, make, Go 1.26 and Python 3.11 to 3.13 with venv.
GO       ?= go
PYTHON   ?= python3
ENV      ?= dev
LOCALAWS := .venv/localaws/bin/python
LINT     := .venv/lint/bin/python
TOOL     := $(GO) tool -modfile=tools/go.mod
# Says what is running, and after ten seconds without output that it still is.
SLOWLY   := $(LOCALAWS) tools/patiently.py
# The race detector needs a C compiler, and takes five times as long: with it, tests that try every call try every fourth.
RACE      = $(if $(shell command -v $$($(GO) env CC)),-race,)

.DEFAULT_GOAL := help
.PHONY: help templates check lint demo test test-go test-python bench local-aws local-aws-stop \
  install uninstall release test-node test-node-faults test-node-browser demo-site demo-site-stop bench-node go-there always

help: ## List the targets
	@awk -F ':.*## *' '/^[a-z-]+:.*##/ { printf "%-18s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

templates: go-there ## Generate out/ from environments/
	CGO_ENABLED=0 $(GO) run ./cmd/gen

check: ## Check that out/ is up to date, vet the code, run the linters over the templates
check: lint go-there $(LOCALAWS)
	@$(SLOWLY) "building the generator, and comparing out/ with what it makes" $(GO) run ./cmd/gen --check
	@$(SLOWLY) "go vet ./..." $(GO) vet ./...
	@$(SLOWLY) "staticcheck ./..." $(TOOL) staticcheck ./...
	@$(SLOWLY) "looking for dead code" $(GO) test -count=1 -run TestNoCodeIsDead ./internal/house -dead-code
	test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }

lint: $(LINT) $(LOCALAWS) ## cfn-lint, checkov, cloudformation-validate and shellcheck over what is generated
	@$(SLOWLY) "linting out/" $(LINT) lint/lint.py --whole out

demo: go-there $(LOCALAWS) ## Show the main job on the local AWS: make demo [ENV=prod]
	test/demo.sh $(ENV)

test: check test-go test-python ## Run check and all tests that need no AWS account

test-go: go-there $(LOCALAWS) $(LINT)
	@$(if $(RACE),$(SLOWLY) "go test $(RACE) -short ./... (the first time some minutes go into compiling)" $(GO) test $(RACE) -short ./..., \
	  echo "SKIPPED by name: the race detector, since there is no C compiler")
	@$(SLOWLY) "go test ./..." $(GO) test ./...

test-python: go-there $(LOCALAWS) $(LINT)
	@$(SLOWLY) "pytest localaws test" $(LOCALAWS) -m pytest -q localaws test
	@$(SLOWLY) "pytest lint" $(LINT) -m pytest -q lint

# The version is that of a tag without changes; anything else is dev. The programs of a release have it, see internal/release.
VERSION  ?= $(shell git describe --tags --exact-match --dirty=+changed 2>/dev/null)
PREFIX   ?= $(HOME)/.local
INSTALLED = $(DESTDIR)$(PREFIX)
COMPLETES = share/bash-completion/completions/deploy share/zsh/site-functions/_deploy share/fish/vendor_completions.d/deploy.fish

install: go-there ## Install gen and deploy, with shell completion: make install [PREFIX=~/.local]
	@mkdir -p "$(INSTALLED)/bin" $(foreach file,$(COMPLETES),"$(INSTALLED)/$(dir $(file))")
	@echo "building gen and deploy (the first time it takes some minutes) …"
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X distributed-moodle/internal/release.version=$(VERSION)" -o "$(INSTALLED)/bin/" ./cmd/gen ./cmd/deploy
	@"$(INSTALLED)/bin/deploy" completion bash >"$(INSTALLED)/share/bash-completion/completions/deploy"
	@"$(INSTALLED)/bin/deploy" completion zsh >"$(INSTALLED)/share/zsh/site-functions/_deploy"
	@"$(INSTALLED)/bin/deploy" completion fish >"$(INSTALLED)/share/fish/vendor_completions.d/deploy.fish"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "add it to PATH: export PATH=\"$(PREFIX)/bin:\$$PATH\"" ;; esac

uninstall: ## Remove what make install installed, and nothing else
	rm -f "$(INSTALLED)/bin/gen" "$(INSTALLED)/bin/deploy" $(foreach file,$(COMPLETES),"$(INSTALLED)/$(file)")

release: go-there ## Build the archives of a release into dist/: make release [VERSION=v1.2.3]
	$(GO) run ./internal/release/archives --version "$(VERSION)"

bench: $(LOCALAWS) ## Measure speed, as ratios to a reference measured in the same run
	$(GO) test -run '^$$' -bench . -benchmem ./...

local-aws: $(LOCALAWS) ## Start the local AWS on loopback; prints the variables to export
	@$(LOCALAWS) -m localaws.service start

local-aws-stop: ## Stop the local AWS
	@$(LOCALAWS) -m localaws.service stop

test-node: $(LOCALAWS) ## Boot machines with the node's files, with five faults (root, Debian 12 or Ubuntu 24.04; some minutes)
	test/node/run test

test-node-faults: $(LOCALAWS) ## … with every fault (most of an hour)
	test/node/run faults

test-node-browser: $(LOCALAWS) ## … and an administrator's work in a real browser
	test/node/run browser

demo-site: $(LOCALAWS) ## Start a Moodle to log in to, from the template, until make demo-site-stop
	test/node/run demo

demo-site-stop: $(LOCALAWS) ## Stop it and remove what it created
	test/node/run demo-stop

bench-node: $(LOCALAWS) ## Measure a node's pages, as ratios to Debian's defaults and to the reference's settings
	test/node/run bench

# A virtual environment's files can't be make targets: bin/python is a link to the system's, which is older than everything, and must not
# be touched. tools/venv.py checks the environment each time, which is fast, and creates it again if necessary.
.venv/%/bin/python: always
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is not there: install Python 3.11 or newer with venv (Debian, Ubuntu: apt install" \
	  "python3-venv), or name one: PYTHON=/path/to/python3 make …" >&2; exit 1; }
	@$(PYTHON) tools/venv.py $*

go-there:
	@$(GO) list -m >/dev/null || { echo "make: this needs Go 1.26, or one from 1.21 on that may fetch it (see https://go.dev/doc/toolchain):" \
	  "https://go.dev/dl. It has to be in PATH: PATH=/usr/local/go/bin:\$$PATH make …" >&2; exit 1; }
