# Two commands: `make demo` runs the whole main job on the sample, `make test` runs everything.
# Both make their own virtual environment; nothing else of the machine is touched.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test lint types tests fuzz bench generate clean

demo: $(VENV)/.demo
	$(BIN)/xl2report demo -o out

test: lint types tests

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests tools benchmarks

types: $(VENV)/.dev
	$(BIN)/mypy

# The parity test keeps both cores busy by itself, so it runs after the others, not among them.
tests: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --ignore tests/test_parity.py
	$(BIN)/python -m pytest tests/test_parity.py

# Hours, not minutes: 100,000 changed .xlsx and 20,000 old-format files; FUZZ="2000 500" is a short run.
FUZZ ?= 100000 20000
fuzz: $(VENV)/.dev
	$(BIN)/python tests/fuzz.py $(FUZZ)

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/bench.py

# What is generated from the forms: blank workbooks, samples, command help and rule tables in the documents.
generate: $(VENV)/.dev
	$(BIN)/python tools/make_reference.py
	$(BIN)/python tools/make_blank.py
	$(BIN)/python tools/make_samples.py
	$(BIN)/python tools/make_docs.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml requirements/run.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/.demo requirements/dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements/dev.txt
	touch $@

clean:
	rm -rf $(VENV) out dist build .mypy_cache .ruff_cache .pytest_cache
