// Package blobfs keeps files in a folder, one file each, written so that a power
// cut leaves a whole file or none. It knows a file's scope and nothing else of
// what it is for.
package blobfs
