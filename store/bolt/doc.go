// Package bolt is the store's engine on disk, over bbolt: one file, one process,
// group commit. It knows buckets, keys and values, and nothing of what they mean.
package bolt
