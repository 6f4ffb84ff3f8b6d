package crypt

import (
	"errors"

	"github.com/pion/srtp/v3"
)

// Overhead is the most a sealed packet is longer than the plain one, in bytes:
// the tag, and for SRTCP the index too.
const Overhead = 24

// MaxSources is how many sources one client may ever use: each costs memory for as long
// as its keys live. A call that lasts all day, with many pictures shared, needs fewer.
const MaxSources = 256

// Errors of opening and sealing. They carry no detail, for they are counted.
var (
	ErrForged = errors.New("crypt: authentication failed")
	ErrReplay = errors.New("crypt: packet was seen before")
	ErrReused = errors.New("crypt: index was sealed before")
	ErrOwned  = errors.New("crypt: source has an owner")
	ErrCrowd  = errors.New("crypt: too many sources")
)

func cause(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, srtp.ErrFailedToVerifyAuthTag):
		return ErrForged
	}
	return ErrReplay
}
