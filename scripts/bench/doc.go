// Bench measures the server against the floor: the least a Go program can do to forward the same packets.
//
//	go run ./scripts/bench                 the table of docs/performance.md
//	go run ./scripts/bench -quick -check   what CI runs: short, and fails when a ratio is over its mark
//	go run ./scripts/bench parts           the benchmarks of each part
//
// Both servers are processes of their own, started anew for each run; the runs of one
// scenario alternate, so that whatever else the machine does falls on both.
package main
