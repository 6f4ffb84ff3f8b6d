// Package disk holds what the engines need of a file system: names that survive
// a power cut, free space, and errors that say what the medium refused.
package disk
