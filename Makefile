# The front door: every job has one name here. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: test-build test-timed test-computing test-others
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*\#\# .*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## list these targets
	@echo 'make TARGET, where TARGET is one of'
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) \
		| while IFS='|' read -r name text; do printf '  %-16s %s\n' "$$name" "$$text"; done

setup: ## install what Debian 12 lacks (asks apt only if something is missing)
	@Scripts/setup

build: setup ## build all programs (debug)
	swift build

# Few threads run all tests of one call. Suites that compute or wait for children without a pause hold them, so
# what has real peers and real deadlines is called apart.
computing := SimulationTests|ModelCheckTests|CrashPointTests|OldAndNewTests|FuzzReplayTests
timed := ControllerRuntimeTests

test: test-build test-timed test-computing test-others ## build and run all tests

test-build: setup
	swift build --build-tests

test-timed:
	swift test --skip-build --filter '^($(timed))\.'

test-computing:
	swift test --skip-build --filter '^($(computing))\.'

test-others:
	swift test --skip-build --skip '^($(timed)|$(computing))\.'

test-end-to-end: setup ## break real upgrades: kill -9, bad packages, full disks, dead HA
	swift build
	Tests/EndToEnd/run

test-browser: setup ## click through everything in Chromium; screenshots in .build/screenshots
	@Scripts/setup-browser
	swift build
	Tests/Browser/run $(PART)

simulate: setup ## play both cores against random faults; SEEDS=500 NETWORKS=4 FIRST=1
	swift build -c release --product tandem-simulate
	.build/release/tandem-simulate --seeds '$(or $(SEEDS),500)' --first '$(or $(FIRST),1)'
	.build/release/tandem-simulate --network --seeds '$(or $(NETWORKS),4)' --first '$(or $(FIRST),1)'

crash-points: crash-points-in-process crash-points-of-programs ## die at every crash point; POINTS=1/3: a third, by seed 1

crash-points-in-process: setup ## the cores alone, at every point
	swift build --build-tests
	TANDEM_CRASH_POINTS='$(or $(POINTS),all)' swift test --skip-build --filter CrashPoint

crash-points-of-programs: crash_build := $(or $(SCRATCH),.build-crash)
crash-points-of-programs: setup ## kill -9 of programs at work; POINTS=1/3, PARTS=1,2,9 of nine
	swift build --traits CrashPoints --scratch-path $(crash_build)
	TANDEM_BUILD=$(crash_build)/debug TANDEM_CRASH_POINTS='$(or $(POINTS),all)' \
		TANDEM_CRASH_SHARDS='$(PARTS)' TANDEM_E2E_WORKERS=3 Tests/EndToEnd/run CrashPointTests

planted-bugs: setup ## plant bugs one by one and see each caught; BUGS="--sample 10 --seed 1"
	Tests/Planted/run $(BUGS)

model-check: setup ## search every state of both cores within bounds; FAULTS=1 MODEL='--no-referee'
	swift build -c release --product tandem-model-check
	.build/release/tandem-model-check --faults '$(or $(FAULTS),1)' $(or $(MODEL),--scope crashes)

fuzz: setup ## feed decoders hostile bytes; SECONDS=60 for each, TARGET=one of them
	Fuzz/run '$(or $(SECONDS),60)' $(TARGET)

test-ha: setup ## run the HA drivers against real PostgreSQL, Patroni and etcd, some minutes
	Scripts/test-ha

demo: setup ## upgrade and roll back three clusters on this machine; KEEP=1 leaves them running
	swift build
	KEEP='$(KEEP)' Deploy/demo/demo

lab: setup ## boot a network of real servers (root; see Deploy/lab/README.md)
	swift build
	Deploy/lab/lab up

lab-test: setup ## break 20 actions on real servers, by SEED (root)
	swift build
	Deploy/lab/lab test '$(or $(COUNT),20)' '$(or $(SEED),1)'

lab-matrix: setup ## the same, never-run cells first, onto Docs/fault-matrix.md (root)
	swift build
	Deploy/lab/lab matrix '$(or $(COUNT),20)' '$(or $(SEED),1)'

lab-short: setup ## one cell of each HA driver on real servers: what every build does (root)
	swift build
	Deploy/lab/lab short '$(or $(SEED),1)'

lab-gaps: setup ## measure failovers by Tandem and by each HA system alone (root)
	swift build
	Deploy/lab/lab gaps '$(or $(COUNT),4)'

bench-agent: setup ## measure the agent's memory and CPU beside a plain openssl s_client
	Benchmarks/agent/run

bench-web: setup ## measure the Upgrade Manager with 1,000 clusters in Chromium
	@Scripts/setup-browser
	swift build --product tandem
	swift build -c release --product tandem-controller
	Benchmarks/web/run

check: ## format lint, build with import check, tidy rules: what to run before a commit
	@Scripts/check --quick

format: ## rewrite all Swift files in the house style
	@Scripts/format

clean: ## remove what was built (fetched packages stay)
	swift package clean
