# GNU make; recipes are POSIX sh. Everything runs in .venv, which `make setup` builds.

PYTHON ?= python3
JOBS ?= auto

bin := .venv/bin
reports := build/requirements
pytest := QT_QPA_PLATFORM=offscreen $(bin)/pytest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-slow lint tour bench bundle requirements translations lock clean

help: ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-14s%s\n' "$$name" "$$text"; done

setup: .venv/.complete ## get everything the program and its tests need

.venv/.complete: requirements/dev.lock pyproject.toml packaging/debian-packages.txt
	@tools/system_packages.sh
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Birthmark needs Python 3.11 or newer; name one with: make PYTHON=python3.11" >&2; \
		exit 1; }
	[ -x $(bin)/python ] || $(PYTHON) -m venv .venv
	$(bin)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(bin)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: .venv/.complete ## start the program on a demo workspace
	@if [ "$$(uname -s)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo "There is no screen here, so make tour takes pictures of each page instead."; \
		$(MAKE) --no-print-directory tour; \
	else \
		$(bin)/birthmark demo --open; \
	fi

test: .venv/.complete ## run the tests
	$(pytest) -n $(JOBS) -m "not slow" --requirements-report=$(reports)/test.json

test-slow: .venv/.complete ## run the slow tests: kills under load, the bundle, small benchmarks
	$(pytest) -m slow --requirements-report=$(reports)/test-slow.json

lint: .venv/.complete ## check style, types, import arrows and scripts
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy --strict
	$(bin)/lint-imports --no-logo --no-cache
	sh -n tools/system_packages.sh
	bash -n .ci/run

tour: .venv/.complete ## save a picture of every page to build/tour; GUIDE=docs/images: the guide's too
	mkdir -p build/tour
	env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb \
		xvfb-run -a -e build/tour/xvfb.log -s "-screen 0 1600x1000x24 -nolisten tcp" \
		$(bin)/python -m tools.tour --out build/tour $(if $(GUIDE),--guide $(GUIDE))

bench: .venv/.complete ## measure speed
	QT_QPA_PLATFORM=offscreen $(bin)/python -m tests.benchmarks

bundle: .venv/.complete ## build the stand-alone program in build/bundle/birthmark
	$(bin)/pyinstaller build.spec --noconfirm --log-level WARN \
		--distpath build/bundle --workpath build/pyinstaller

requirements: .venv/.complete ## list the requirements that no passing test shows
	@for run in test test-slow; do \
		[ -e $(reports)/$$run.json ] || $(MAKE) --no-print-directory $$run || exit 1; done
	@$(bin)/python -m tools.requirements $(reports)/test.json $(reports)/test-slow.json

translations: .venv/.complete ## collect every text for people and compile what is translated
	$(bin)/python -m tools.translations

lock: ## choose the newest allowed versions anew and write them to requirements/*.lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install -q --disable-pip-version-check uv
	build/lock/bin/uv pip compile pyproject.toml --upgrade --universal --generate-hashes \
		--no-annotate --no-header --quiet --output-file requirements/run.lock
	build/lock/bin/uv pip compile pyproject.toml --extra dev --constraint requirements/run.lock \
		--upgrade --universal --generate-hashes --no-annotate --no-header --quiet \
		--output-file requirements/dev.lock

clean: ## remove what was built; .venv stays
	rm -rf build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
