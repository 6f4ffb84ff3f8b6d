// Package crypt opens and seals a transport's SRTP and SRTCP (RFC 3711, RFC
// 7714); it knows packets and keys, not streams' meaning.
//
// The one rule above all others: under one key no packet index of one source is
// ever sealed twice, for a repeated GCM nonce gives the key away. A [Sealer] is
// therefore the only holder of the sending keys, and a [Stream] the only way to
// seal media: it has one owner and refuses a sequence number it has sealed
// before, or one too old to be sure of.
package crypt
