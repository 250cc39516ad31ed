# Two commands matter: `make demo` and `make test`. The rest is for those who work on the house.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED := 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/walks/*' -not -name '*.go')

.PHONY: help demo test check dev bench build program web api clean

help: ## this list
	@echo 'Cuobian (厝边): the house of a street. Needs Go, Node, git and make.'
	@echo
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null || sed -nE 's/^([a-z]+):.*## (.*)/  make \1  \2/p' Makefile

demo: build ## build all and serve three demo streets on http://127.0.0.1:8080 (ARGS='--addr …')
	@exec ./bin/cuobian demo $(ARGS)

test: ## every test: SQLite, PostgreSQL, stories, browser side, browser walks
	@scripts/test

check: bin/staticcheck web/node_modules/.package-lock.json ## format, vet, staticcheck, shape, goldens, loong64, API document, types
	@scripts/check

dev: web/node_modules/.package-lock.json ## serve the demo with reload, Go and browser side
	@scripts/dev

bench: build ## print the measurements of bench/README.md (ARGS='votes log', ARGS=-help)
	@scripts/with-postgres go run ./bench $(ARGS)

build: web program ## bin/cuobian with the browser side inside

program:
	go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/cuobian ./cmd/cuobian

web: bin/.web ## the browser side alone

api: program web/node_modules/.package-lock.json ## write api/openapi.json and the browser side's types from the operations
	@mkdir -p api
	./bin/cuobian openapi > bin/openapi.json && mv bin/openapi.json api/openapi.json
	npm --prefix web run --silent api

# npm writes this file last, so it stands for a finished install.
web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	npm --prefix web ci --no-audit --no-fund
	@touch $@

bin/.web: web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run --silent build
	@mkdir -p bin && touch $@

bin/staticcheck: scripts/tools/go.mod scripts/tools/go.sum
	go -C scripts/tools build -o ../../bin/ honnef.co/go/tools/cmd/staticcheck

clean: ## what was built, never what was kept
	rm -rf bin web/node_modules
