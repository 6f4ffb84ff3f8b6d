#!/bin/sh
# Benchmarks: first each part of the packet path, then the server against the floor.
# Options go to the second; see scripts/bench/doc.go.
set -eu
cd "$(dirname "$0")/../.."
go run ./scripts/bench parts
exec go run ./scripts/bench "$@"
