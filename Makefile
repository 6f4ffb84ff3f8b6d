# Consilium: `make run` starts a demonstration clinic, `make test` proves the whole.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: run build web test check test-go test-web test-e2e test-ratio test-long setup bench fmt clean

GO     ?= go
TOOLS   = $(GO) tool -modfile=scripts/tools/go.mod
WEB_SRC = $(shell find web/src web/public -type f 2>/dev/null) web/clinic.html web/visit.html \
          web/package.json web/package-lock.json $(wildcard web/vite.config.* web/tsconfig*.json)

run: build
	bin/consilium serve --demo

build: web
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/consilium ./cmd/consilium

# The web application, built into web/dist and from there into the binary.
web: web/dist/.built
web/dist/.built: web/node_modules/.installed $(WEB_SRC)
	cd web && npm run --silent build
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "The web application needs Node 20 or newer with npm (https://nodejs.org)."; exit 1; }
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

e2e/node_modules/.installed: e2e/package.json e2e/package-lock.json
	cd e2e && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Browser, PDF tools and network tools for the tests.
setup:
	@scripts/setup.sh

test: setup check test-go test-web test-e2e test-ratio

check:
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...
	@unformatted=$$($(TOOLS) gofumpt -l cmd configs control e2e internal sfu signaling store turn scripts web/*.go *.go); \
	  test -z "$$unformatted" || { echo "run make fmt:"; echo "$$unformatted"; exit 1; }

test-go: web
	$(GO) test -race -timeout 25m ./...

test-web: web/node_modules/.installed
	cd web && npm run --silent check && npm test --silent

test-e2e: build e2e/node_modules/.installed
	cd e2e && npm test --silent

# What a forwarded packet costs against the floor; fails when it is over its mark.
test-ratio:
	$(GO) run ./scripts/bench -quick -check

# The store's long proofs: 1,000 kills and 100 power cuts with the controls that must lose, a gibibyte
# to back up and restore, the pace of writes. Wants root, 6 GB in TMPDIR and a quarter of an hour.
test-long:
	$(GO) test ./store/bolt -count 1 -timeout 1h -v -run 'Kill|PowerCut' -crashes 1000 -powercuts 100
	$(GO) test ./e2e -count 1 -timeout 1h -v -run BookingsOutliveKill -kills 40
	$(GO) test ./store/backup -count 1 -timeout 1h -v -run Flipped -flips 5000
	$(GO) test ./store/bolt -timeout 1h -run NONE -bench Writes -benchtime 10000x
	$(GO) test ./store/backup -timeout 1h -run NONE -bench Folder -benchtime 1x -mib 1024 -files 10000
	$(GO) test ./store/backup -timeout 1h -run NONE -bench WriteBesideBackup -benchtime 3000x

bench:
	scripts/bench/run.sh

fmt:
	$(TOOLS) gofumpt -w cmd configs control e2e internal sfu signaling store turn scripts web/*.go *.go

clean:
	rm -rf bin web/dist/assets web/dist/*.html web/dist/.built web/node_modules e2e/node_modules e2e/results
