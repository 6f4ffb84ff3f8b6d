// Package file writes messages into a folder instead of sending them, for demonstrations
// and for trying a server out without a mail account.
package file
