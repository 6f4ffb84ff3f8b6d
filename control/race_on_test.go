//go:build race

package control

// raced: the race detector keeps several bytes for each one of the program, so that
// figures of memory say nothing.
const raced = true
