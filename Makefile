# newsift: every task of the house. `make score` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
WCXB ?= $(SHARED)/corpora/wcxb/dev
ANNOTATED ?= $(SHARED)/corpora/annotated/dev.jsonl
JOBS ?= 2

.PHONY: score test test-lowest fuzz lint train ablations report bench clean

score: $(VENV)/.installed
	$(BIN)/newsift score seeds --explain --format table

test: $(VENV)/.installed-dev lint
	$(BIN)/pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Every reader fuzzed for longer: `make fuzz FUZZ_EXAMPLES=100000` for a night.
FUZZ_EXAMPLES ?= 5000
fuzz: $(VENV)/.installed-dev
	FUZZ_PROFILE=fuzz FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/pytest tests/hostile/fuzz

# The lower end of every range in pyproject.toml, in an environment of its own.
test-lowest:
	.ci/lowest $(PYTHON)

# The default model and its report, from the public corpora (see README, "Where the data is").
train: $(VENV)/.installed
	$(BIN)/newsift train --data $(ANNOTATED) --wcxb $(WCXB) --output classifier/models/default.skops

# A smaller recipe, so that twenty cross-validations take an hour; the report says so.
ablations: $(VENV)/.installed
	$(BIN)/python -m training.ablation --data $(ANNOTATED) --wcxb $(WCXB) --folds 2 --jobs $(JOBS) \
		--trees 30 --rows 20 --pages 300 --output reports/ablations.json

report: $(VENV)/.installed
	$(BIN)/newsift evaluate --data $(ANNOTATED) --wcxb $(WCXB) --folds 3 --jobs $(JOBS) \
		$(addprefix --ablations ,$(wildcard reports/ablations.json)) --folds-output reports/folds.jsonl --output reports

# Extraction is judged by out-of-fold labels (`newsift evaluate --folds-output`), so no page by a model that saw its site.
bench: $(VENV)/.installed-bench
	PYTHONPATH=. $(BIN)/python tests/benchmarks/throughput.py
	PYTHONPATH=. $(BIN)/python tests/benchmarks/linearity.py
	PYTHONPATH=. $(BIN)/python tests/benchmarks/extraction.py $(WCXB) --folds reports/folds.jsonl

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev,warc,cluster]"
	touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable ".[bench]"
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
