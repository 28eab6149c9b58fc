# Every target sets up what it needs. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
HOST ?= 127.0.0.1
PORT ?= 8000
MINUTES ?= 60
# Python sources are plain; output must appear as it is printed, in logs too.
export PYTHONUNBUFFERED := 1

UV = $$(infra/scripts/get-uv.sh)
RUN = $(UV) run --no-sync
LOCKS := pyproject.toml uv.lock backend/pyproject.toml inference/pyproject.toml
WEB_SOURCES := brand.toml $(shell find frontend \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)

.PHONY: help run test check fix lint types contracts web-check unit e2e bench bench-inference generate migrate faults faults-inference soak-inference test-vllm test-ray clean setup

help: ## List the targets.
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: .venv/.run frontend/dist/index.html ## Start everything on 127.0.0.1:8000, put the samples through, keep serving.
	@exec .venv/bin/lemma up --host $(HOST) --port $(PORT)

test: check unit e2e ## Everything that must pass before a change lands.

check: lint types contracts web-check ## Lint, types, import contracts; no services are started.

lint: .venv/.dev ## Style of the Python sources.
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: .venv/.dev ## mypy, strict, over source and tests.
	$(RUN) mypy

contracts: .venv/.dev ## The direction of imports, with no exceptions.
	$(RUN) lint-imports

web-check: frontend/node_modules/.stamp ## Types, lint, unit tests and freshness of the generated client.
	cd frontend && npm run --silent check && npm run --silent generate:check && npm test --silent

unit: .venv/.dev ## Unit, contract, migration, job and API tests.
	$(RUN) pytest tests/unit tests/architecture tests/contracts tests/migrations tests/jobs tests/api

e2e: .venv/.dev frontend/dist/index.html ## The web page in Chromium, on the real stack.
	LEMMA_CHROMIUM=$$(infra/scripts/get-chromium.sh) $(RUN) pytest tests/e2e

fix: .venv/.dev frontend/node_modules/.stamp ## Format and mend what can be mended.
	$(RUN) ruff check --fix .
	$(RUN) ruff format .
	cd frontend && npm run --silent fix

bench: .venv/.bench ## Ratios against peers, all in one run.
	$(RUN) python -m tests.bench.run

bench-inference: .venv/.dev ## The inference gateway beside LiteLLM and vllm-router (installs them; about two hours, or ARGS=--quick).
	infra/scripts/bench-peers.sh
	$(RUN) python -m tests.bench.inference.run $(ARGS)

generate: .venv/.dev frontend/node_modules/.stamp ## Write the OpenAPI document, the TypeScript client and the page of errors again.
	$(RUN) python -m lemma.openapi > docs/openapi.json
	$(RUN) python -m lemma.error_codes > docs/guides/errors.md
	cd frontend && npm run --silent generate

migrate: .venv/.run ## Bring the database to the newest migration.
	$(RUN) lemma migrate

faults: .venv/.dev ## Kill workers and PostgreSQL in a loop; nothing may be lost or done twice (about ten minutes).
	$(RUN) python -m tests.faults.run

faults-inference: .venv/.dev ## Kill engines and the gateway, cut connections, fill disks, race budgets; one table (about fifteen minutes).
	$(RUN) python -m tests.faults.inference.run

soak-inference: .venv/.dev ## The gateway's memory under mixed load, for MINUTES.
	$(RUN) python -m tests.faults.inference.run --only soak --minutes $(MINUTES)

test-vllm: .venv/.dev ## The engine contract against real vLLM on CPU (installs it in .venv-vllm).
	infra/scripts/test-vllm.sh

test-ray: ## Engines on a real Ray, with its head killed (installs it in .venv-ray; three minutes).
	UV_PROJECT_ENVIRONMENT=.venv-ray $(UV) sync --frozen --all-packages --extra ray --quiet
	.venv-ray/bin/pytest tests/ray -p no:randomly

setup: .venv/.dev frontend/node_modules/.stamp ## Install everything for development, with the commit hooks.
	$(RUN) pre-commit install

clean: ## Remove what was built; documents and databases under .lemma stay.
	rm -rf .venv frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache

.venv/.run: $(LOCKS)
	@echo "Installing the Python packages (once, or after a change of the lock file)"
	@infra/scripts/get-libgomp.sh
	@$(UV) sync --frozen --inexact --no-dev --quiet
	@touch $@

.venv/.dev: $(LOCKS)
	@infra/scripts/get-libgomp.sh
	@$(UV) sync --frozen --inexact --quiet
	@touch $@ .venv/.run

.venv/.bench: .venv/.dev
	@$(UV) sync --frozen --inexact --group bench --quiet
	@touch $@

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 with npm was not found. Install it and run make again." >&2; exit 1; }
	@echo "Installing the web app's packages"
	@# npm ci wants every platform's optional packages in the lock file; npm writes only those that its registry has.
	@cd frontend && { npm ci --no-audit --no-fund --silent || npm install --no-save --no-audit --no-fund --loglevel=error; }
	@touch $@

frontend/dist/index.html: frontend/node_modules/.stamp $(WEB_SOURCES)
	@echo "Building the web app"
	@cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

-include inference/starter/starter.mk
