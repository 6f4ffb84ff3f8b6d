// Package e2e proves the real binary from outside: what its HTTP interface has
// acknowledged outlives a kill, here; whole consultations in real browsers, in
// the Playwright tests beside it (see package.json).
package e2e
