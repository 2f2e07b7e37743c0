# Each target sets up what it needs. PORT and PORTAL_VAR may be set; the rest is in docs/operations.md.
SHELL := /bin/sh
BIN := .venv/bin
export PORT ?= 8000

.PHONY: run test check lint bench migrate
.DEFAULT_GOAL := run

run: migrate
	@$(BIN)/flask --app wsgi demo --show
	@exec $(BIN)/gunicorn wsgi:app

migrate: .venv/run.stamp
	@$(BIN)/flask --app wsgi db upgrade

test: .venv/browser.stamp
	@$(BIN)/python -m pytest

check: lint test

lint: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --lint --quiet

bench: .venv/dev.stamp
	@$(BIN)/python -m bench

.venv/run.stamp: requirements.txt
	@.ci/venv requirements.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	@.ci/venv requirements-dev.txt
	@touch $@

.venv/browser.stamp: .venv/dev.stamp .ci/browser
	@.ci/browser
	@touch $@
