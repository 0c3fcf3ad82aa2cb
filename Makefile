# Everything runs in .venv, made here on first use. The versions are those of constraints.txt, and
# every file that is installed has a hash in requirements/, but for torch, whose build depends on
# the machine, and this project. Python compiles what it imports, a part of it, by itself.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
HASHED := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r
PROJECT := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
TORCH := $(shell grep '^torch==' constraints.txt)
SAMPLES := src/jmere/bundled/samples/posts.jsonl

SECONDS ?= 60
CLIENTS ?= 200
SEED ?=
KILLS ?= 50

.PHONY: help demo test lint format docs bench fuzz soak lock sbom audit clean

help:  ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .venv/.demo  ## Extract from the sample posts and draw their graph
	$(BIN)/jmere extract $(SAMPLES)
	$(BIN)/jmere extract $(SAMPLES) -o demo/quintuples.jsonl
	$(BIN)/jmere graph build demo/quintuples.jsonl -o demo/graph.ttl --picture demo/graph.png

# One thread in each of as many processes as there are cores: more wait for each other.
test: .venv/.dev  ## Run the tests on all cores
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder

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
# Killed commands have to go on to the same bytes, and those on a full disk lose nothing; code 77 says
# that no small disk may be mounted here. Then the tests that are too long for `make test`.
soak: .venv/.dev  ## Load the server, kill commands, fill disks (SECONDS=600, CLIENTS=200, KILLS=50, SEED=)
	$(BIN)/python tests/serve/soak.py --seconds $(if $(filter file,$(origin SECONDS)),600,$(SECONDS)) --clients $(CLIENTS)
	PYTHONPATH=tests $(BIN)/python -m reliability --kills $(KILLS) $(if $(SEED),--seed $(SEED))
	PYTHONPATH=tests $(BIN)/python -m reliability.disk || [ $$? = 77 ]
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m soak

bench: .venv/.dev  ## Measure speed
	@failed=0; for name in benchmarks/*.py; do $(BIN)/python $$name --json || failed=1; done; exit $$failed

.venv/.python:
	$(PYTHON) -m venv .venv
	touch $@

# Extraction and its graph, without torch.
.venv/.demo: .venv/.python pyproject.toml requirements/graph.txt
	$(HASHED) requirements/graph.txt
	$(PROJECT)
	touch $@

.venv/.dev: .venv/.demo requirements/dev.txt
	$(HASHED) requirements/dev.txt
	$(PIP) $(TORCH)
	touch $@

# The reference is generated from all commands and configs, which import the extras.
.venv/.docs: .venv/.dev requirements/docs.txt
	$(HASHED) requirements/docs.txt
	touch $@

.venv/.tools: requirements/tools.txt
	$(PYTHON) -m venv .venv/tools
	.venv/tools/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/tools.txt
	touch $@

# For every system and Python from 3.11; the libraries of CUDA come with torch.
TORCH_NAMES := $(shell grep -ohE '^(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z]+)' constraints.txt requirements/cuda.in)
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11.5 --generate-hashes -c constraints.txt \
	--no-header --no-annotate $(TORCH_NAMES:%=--no-emit-package %) requirements/build.in
UV ?= .venv/tools/bin/uv

lock: .venv/.tools  ## Write the hashes of all packages, after a change of versions
	$(COMPILE) pyproject.toml --extra graph -o requirements/graph.txt
	$(COMPILE) pyproject.toml --extra graph --extra serve --extra vision -o requirements/image.txt
	$(COMPILE) pyproject.toml --extra dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml --extra docs -o requirements/docs.txt
	$(COMPILE) requirements/tools.in -o requirements/tools.txt

sbom: .venv/.dev .venv/.tools  ## List what is installed in sbom.json (CycloneDX)
	.venv/tools/bin/cyclonedx-py environment --output-reproducible --of JSON -o sbom.json $(BIN)/python

audit: .venv/.tools  ## Look for known faults of the packages; skipped without a network
	.venv/tools/bin/python tests/audit.py requirements/dev.txt requirements/docs.txt

include recipes/bundled/Makefile

clean:  ## Remove the environment and what was built
	rm -rf .venv demo build dist site
