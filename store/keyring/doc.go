// Package keyring keeps the keys that seal a store: a key-encryption key from a
// file of its own wraps each clinic's key, which wraps the data keys of its
// patients. It knows no record that they seal.
//
// The ring is a store itself, in its own folder, to be backed up apart from the
// data: a data key is destroyed for good only when no copy of it is left.
package keyring
