# `make run` and `make test` install by themselves what is missing (packaging/prepare).
# Options for the program or for pytest: make run ARGS="--connections 1000", make test ARGS="-k health".

PREPARE := python3 packaging/prepare
PYTHON := .venv/bin/python
PROGRAM := .venv/bin/makini-desktop
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

# Chromium's sandbox refuses to run as root; for everybody else it stays on.
ifeq ($(shell id -u),0)
export QTWEBENGINE_DISABLE_SANDBOX := 1
endif

.PHONY: run test lint format campaign bench package lock clean

ifneq ($(DISPLAY)$(WAYLAND_DISPLAY),)
run:
	@$(PREPARE) run && exec $(PROGRAM) --sandbox $(ARGS)
else
run:
	@$(PREPARE) tour && exec $(PROGRAM) tour $(ARGS)
endif

# Most tests that run the real program wait: three files at a time keep two cores busy.
test:
	@$(PREPARE) test && exec $(PYTHON) -m pytest -n 3 --dist loadfile $(ARGS)

lint:
	@$(PREPARE) test
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports

format:
	@$(PREPARE) test
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format

campaign:
	@$(PREPARE) test && exec $(PYTHON) -m pytest -m campaign $(ARGS)

bench:
	@$(PREPARE) test && exec $(PYTHON) -m pytest -m benchmark --capture=no tests/benchmarks $(ARGS)

package:
	@$(PREPARE) test && exec $(PYTHON) -m PyInstaller --noconfirm --log-level WARN packaging/makini-desktop.spec

# Pins stay as they are where they can; make lock ARGS=--upgrade renews them.
lock:
	@test -x .venv/bin/uv || { $(PREPARE) test && $(PYTHON) -m pip install --quiet uv; }
	@$(COMPILE) --group build --output-file packaging/requirements.txt $(ARGS) pyproject.toml
	@$(COMPILE) --group dev --constraints packaging/requirements.txt \
		--output-file packaging/requirements-dev.txt $(ARGS) pyproject.toml

clean:
	@rm -rf .venv build dist .mypy_cache .ruff_cache .import_linter_cache
