// Package scan asks a virus scanner about files: clamd, by its INSTREAM command, over a
// Unix socket or TCP. It knows nothing of clinics; what follows from an answer is its
// caller's to decide.
package scan
