# Everything there is to do with Stopgate. `make help` lists it; `make demo` and `make test` need nothing but a Swift 6.2
# toolchain on Debian or Ubuntu.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps build build-tests venv demo run test test-swift test-sdk test-conformance test-crash test-differential test-counts counts differential crash providers-table routing-docs asan fuzz bench load load-quick soak compare measure clean

# Rounds of `make crash`; `make test` does 3.
ROUNDS ?= 50
# Bodies of each kind that `make differential` generates; `make test` does 400.
CASES ?= 20000
# How long `make fuzz` runs each target.
SECONDS ?= 30
# What `make load` runs.
SCENARIOS ?= throughput latency-at-rate
RELEASE := .build/release
ASAN := .build-asan
FUZZ := .build-fuzz
VENV := .build/venv
# Compiled modules go to .build, and only of what is imported: the SDKs are tens of thousands of files.
PYTHON := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/.build/pycache $(VENV)/bin/python
# Two processes of tests, each with its own gate and provider; a file's tests stay together and in order.
PARALLEL := -n 2 --dist loadfile
# A test that hangs ends after five minutes, and says where it hung.
PYTEST := $(PYTHON) -m pytest -q -p no:cacheprovider --timeout 300
REQUIREMENTS := Tests/SDKTests/requirements.txt Tests/Conformance/requirements.txt Tests/Differential/requirements.txt

help:                ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps:                ## install the Debian packages that are missing
	@.ci/install-packages

build: deps          ## build the gate and the mock provider, optimised
	swift build -c release --product stopgate
	swift build -c release --product stopgate-mock

demo: build          ## show the gate at work; ends by itself
	@STOPGATE_BIN_DIR=$(RELEASE) python3 loadtest/demo/demo.py

certs/gate.pem: | build
	$(RELEASE)/stopgate certs init --config policies --directory certs

run: build certs/gate.pem    ## run the gate with policies/, making a local CA first if there is none
	@echo "Point senders at it: $(RELEASE)/stopgate route twilio; $(RELEASE)/stopgate route sendgrid"
	$(RELEASE)/stopgate serve --config policies

# `make test` builds once; the suites it then runs find BUILT set.
build-tests: deps
	$(if $(BUILT),,swift build --build-tests)

venv: $(VENV)/installed    ## the Python packages that the tests need

$(VENV)/installed: $(REQUIREMENTS) .ci/install-packages | deps
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --no-input --no-compile --disable-pip-version-check $(foreach file,$(REQUIREMENTS),-r $(file))
	touch $@

test: deps           ## every test: Swift, SDKs, conformance, a short crash test, counts
	@.ci/run-suites build-tests venv test-swift test-sdk test-conformance test-crash test-differential test-counts

test-swift: build-tests    ## swift test
	swift test --skip-build

test-sdk: build-tests $(VENV)/installed    ## the official SDKs and mainstream HTTP clients
	STOPGATE_BIN_DIR=.build/debug $(PYTEST) $(PARALLEL) Tests/SDKTests

providers-table: build-tests $(VENV)/installed    ## write docs/providers.md from a run of the SDK tests
	STOPGATE_BIN_DIR=.build/debug $(PYTEST) $(PARALLEL) Tests/SDKTests --providers-table

routing-docs: build-tests    ## write docs/routing.md from the adapters
	@sed '/^<!-- from here/q' docs/routing.md > .build/routing.md
	.build/debug/stopgate route --markdown --gate gate.example.internal:8443 --config policies >> .build/routing.md
	mv .build/routing.md docs/routing.md

test-conformance: build-tests $(VENV)/installed    ## HTTP/1.1 and HTTP/2 by the letter
	STOPGATE_BIN_DIR=.build/debug $(PYTEST) $(PARALLEL) -c Tests/Conformance/pytest.ini --rootdir Tests/Conformance Tests/Conformance

test-crash: build-tests $(VENV)/installed    ## kill -9 under load and in imports, backups, restores: 3 rounds each; full disks
	STOPGATE_BIN_DIR=.build/debug $(PYTEST) $(PARALLEL) Tests/CrashTests --rounds 3

test-differential: build-tests $(VENV)/installed    ## what the gate forwards, read by real parsers of several languages
	STOPGATE_BIN_DIR=.build/debug $(PYTEST) Tests/Differential

# What a debug build executes is many times what the gate will, but it grows where the gate's does, and an optimised build would take
# as long again as all of `make test`; `make counts` has one.
test-counts: build-tests    ## instructions and heap allocations of a request, against loadtest/thresholds.json
	@.ci/install-packages valgrind nghttp2-client binutils
	STOPGATE_BIN_DIR=.build/debug python3 loadtest/instructions.py --check loadtest/thresholds.json

counts: build        ## the same of the optimised build, by library and module
	@.ci/install-packages valgrind nghttp2-client binutils
	swift build -c release --product stopgate-lab
	STOPGATE_BIN_DIR=$(RELEASE) python3 loadtest/instructions.py --check loadtest/thresholds.json

differential: build-tests $(VENV)/installed    ## the same with CASES (20000) bodies of each kind; SEED=n makes others
	STOPGATE_BIN_DIR=.build/debug $(PYTEST) -s Tests/Differential --cases $(CASES) --seed $(or $(SEED),1)

crash: build $(VENV)/installed    ## as test-crash, ROUNDS rounds (50), optimised
	STOPGATE_BIN_DIR=$(RELEASE) $(PYTEST) -s Tests/CrashTests --rounds $(ROUNDS)

asan: deps $(VENV)/installed    ## the data plane under AddressSanitizer: unit tests and the conformance suite
	swift build --scratch-path $(ASAN) --sanitize=address --product stopgate-lab
	swift build --scratch-path $(ASAN) --sanitize=address --product stopgate-mock
	STOPGATE_BIN_DIR=$(ASAN)/debug $(PYTEST) $(PARALLEL) -c Tests/Conformance/pytest.ini --rootdir Tests/Conformance Tests/Conformance
	ASAN_OPTIONS=detect_leaks=0 swift test --scratch-path $(ASAN) --sanitize=address --filter 'BytesTests|HTTPKitTests|TLSKitTests|AdaptersTests|AuditTests'

fuzz: deps           ## libFuzzer on every parser of strangers' bytes, SECONDS (30) each; stops at the first crash
	STOPGATE_FUZZ=1 swift build -c release --product FuzzDriver -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld --scratch-path $(FUZZ)
	@Tests/Fuzz/run $(FUZZ) $(SECONDS) $(TARGETS)

bench: build         ## h2load in all four combinations of HTTP versions, and memory with large bodies and slow readers
	STOPGATE_BIN_DIR=$(RELEASE) python3 loadtest/h2load.py

load: build          ## load SCENARIOS of loadtest/scenarios ("throughput latency-at-rate"); reports in .build/load-results
	swift build -c release --product stopgate-load
	STOPGATE_BIN_DIR=$(RELEASE) python3 loadtest/run.py $(SCENARIOS)

load-quick: build    ## every scenario, two seconds a step: does it all run?
	swift build -c release --product stopgate-load
	STOPGATE_BIN_DIR=$(RELEASE) python3 loadtest/run.py --quick all

soak: build          ## half an hour under everything at once: flat, and no failure but the provider's own
	swift build -c release --product stopgate-load
	STOPGATE_BIN_DIR=$(RELEASE) python3 loadtest/run.py --output loadtest/results/load soak

compare: build $(VENV)/compare    ## Stopgate beside nghttpx, HAProxy, nginx, Envoy and mitmproxy; twenty minutes, alone on the machine
	STOPGATE_BIN_DIR=$(RELEASE) $(PYTHON) loadtest/compare/compare.py

measure: build $(VENV)/compare    ## every measurement but the soak, and the tables made of them; 45 minutes, alone on the machine
	for product in stopgate-lab stopgate-load IndexBench; do swift build -c release --product $$product; done
	STOPGATE_BIN_DIR=$(RELEASE) $(PYTHON) loadtest/all.py

$(VENV)/compare: $(VENV)/installed loadtest/compare/packages loadtest/compare/requirements.txt
	RUNLEVEL=1 apt-get install -y -q --no-install-recommends $$(cat loadtest/compare/packages)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r loadtest/compare/requirements.txt
	touch $@

clean:               ## remove what was built
	rm -rf .build $(ASAN) $(FUZZ)
