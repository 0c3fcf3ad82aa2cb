# Everything runs in .venv, made here on first use. The versions are those of constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
TORCH := $(shell grep '^torch==' constraints.txt)
SAMPLES := src/jmere/bundled/samples/posts.jsonl

SECONDS ?= 60
CLIENTS ?= 200
SEED ?=

.PHONY: help demo test lint format docs bench fuzz soak clean

help:  ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .venv/.demo  ## Extract from the sample posts and draw their graph
	$(BIN)/jmere extract $(SAMPLES)
	$(BIN)/jmere extract $(SAMPLES) -o demo/quintuples.jsonl
	$(BIN)/jmere graph build demo/quintuples.jsonl -o demo/graph.ttl --picture demo/graph.png

# One thread in each of as many processes as there are cores: more wait for each other.
test: .venv/.dev  ## Run the tests on all cores
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadgroup

lint: .venv/.dev  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

format: .venv/.dev  ## Fix what the checks of style can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The site of docs/ in site/; a warning is an error, and nothing is fetched.
docs: .venv/.docs  ## Build the documentation in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# Damaged and hostile inputs for all that reads files; faults become files in fuzz-crashes/.
fuzz: .venv/.dev  ## Feed damaged and hostile files to all readers (SECONDS=60, SEED=)
	PYTHONPATH=tests $(BIN)/python -m fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

# 5 % of the requests are wrong; an answer that is lost or wrong, or memory that grows, is an error.
soak: .venv/.dev  ## Load the HTTP server with many clients (SECONDS=600, CLIENTS=200)
	$(BIN)/python tests/serve/soak.py --seconds $(if $(filter file,$(origin SECONDS)),600,$(SECONDS)) --clients $(CLIENTS)

bench: .venv/.dev  ## Measure speed
	@failed=0; for name in benchmarks/*.py; do $(BIN)/python $$name --json || failed=1; done; exit $$failed

.venv/.python:
	$(PYTHON) -m venv .venv
	touch $@

# Extraction and its graph, without torch.
.venv/.demo: .venv/.python pyproject.toml constraints.txt
	$(PIP) -e '.[graph]'
	touch $@

.venv/.dev: .venv/.demo
	$(PIP) $(TORCH)
	$(PIP) -e '.[dev]'
	touch $@

# The reference is generated from all commands and configs, which import the extras.
.venv/.docs: .venv/.dev
	$(PIP) -e '.[docs]'
	touch $@

include recipes/bundled/Makefile

clean:  ## Remove the environment and what was built
	rm -rf .venv demo build dist site
