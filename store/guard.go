package store

import "runtime/debug"

// Enter marks the calling goroutine as inside a transaction; the engine calls
// leave on the same goroutine when it is over. A goroutine has one transaction at
// a time, of whatever store: where it opens another one inside, Enter says
// ErrNested, instead of letting it wait for itself for ever.
//
// The mark is debug.SetPanicOnFault, the one state that Go keeps per goroutine.
// Engines that map files into memory need it on inside a transaction anyway: a
// damaged file then makes a panic that they catch, not a crash.
func Enter() (leave func(), err error) {
	if debug.SetPanicOnFault(true) {
		return nil, ErrNested
	}
	return func() { debug.SetPanicOnFault(false) }, nil
}
