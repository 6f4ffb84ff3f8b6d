package rtp

// Newer reports whether sequence number a comes after b in 16-bit serial order.
func Newer(a, b uint16) bool { return int16(a-b) > 0 }

// NewerTimestamp reports whether timestamp a comes after b in 32-bit serial order.
func NewerTimestamp(a, b uint32) bool { return int32(a-b) > 0 }

// Unwrapper extends 16-bit sequence numbers to 64 bits. The first number it sees
// gets an extended value one cycle up, so that older ones stay positive. The zero
// value is ready.
type Unwrapper struct {
	last uint64 // highest so far
	seen bool
}

// Unwrap returns the extended value of seq nearest to the highest one so far.
func (u *Unwrapper) Unwrap(seq uint16) uint64 {
	if !u.seen {
		u.seen = true
		u.last = 1<<16 + uint64(seq)
		return u.last
	}
	ext := u.Near(seq)
	if ext > u.last {
		u.last = ext
	}
	return ext
}

// Near returns the extended value of seq nearest to the highest one so far,
// without taking note of it.
func (u *Unwrapper) Near(seq uint16) uint64 {
	return uint64(int64(u.last) + int64(int16(seq-uint16(u.last))))
}

// Highest is the highest extended value so far, 0 before the first.
func (u *Unwrapper) Highest() uint64 { return u.last }
