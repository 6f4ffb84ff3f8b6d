package loadtest

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets that grow with them: each power of two of
// microseconds has sixteen, so that a percentile is right within three in a hundred.
type histogram struct {
	buckets [40 * 16]uint32
	count   uint64
	max     time.Duration
}

func bucket(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	if us < 16 {
		return int(us)
	}
	top := bits.Len64(us) - 1
	return min((top-3)*16+int(us>>(top-4))&15, 40*16-1)
}

// lower is the least duration of a bucket.
func lower(i int) time.Duration {
	if i < 16 {
		return time.Duration(i) * time.Microsecond
	}
	top := i/16 + 3
	return time.Duration(uint64(16+i%16)<<(top-4)) * time.Microsecond
}

func (h *histogram) add(d time.Duration) {
	h.buckets[bucket(d)]++
	h.count++
	h.max = max(h.max, d)
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.buckets {
		h.buckets[i] += n
	}
	h.count += o.count
	h.max = max(h.max, o.max)
}

// percentile is the duration that a share q of all stay under, 0 of none.
func (h *histogram) percentile(q float64) time.Duration {
	if h.count == 0 {
		return 0
	}
	rest := uint64(q * float64(h.count-1))
	for i, n := range h.buckets {
		if rest < uint64(n) {
			return min((lower(i)+lower(i+1))/2, h.max)
		}
		rest -= uint64(n)
	}
	return h.max
}
