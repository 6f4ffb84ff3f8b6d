// Package backup copies a running server's data into one encrypted file, and
// brings it back: hot backup with a manifest, restore to an empty folder, and a
// drill that proves a backup by restoring it. It knows database, files and keys,
// and nothing of what is in them.
//
// Data and keys are backed up into files of their own, to be kept apart: only
// both together, with the key file, open a record; and a patient's key that was
// destroyed must be able to disappear from the copies of the keys too.
package backup
