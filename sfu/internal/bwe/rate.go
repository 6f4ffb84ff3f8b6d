package bwe

import "time"

// meter measures a rate over a sliding window of slots.
type meter struct {
	slots [50]struct {
		index int64
		bytes int64
	}
	first int64 // index of the first slot ever used
	used  bool
}

const meterSlot = 10 * time.Millisecond

func (m *meter) add(now time.Duration, bytes int) {
	i := int64(now / meterSlot)
	if !m.used {
		m.first, m.used = i, true
	}
	s := &m.slots[uint64(i)%uint64(len(m.slots))]
	if s.index != i {
		s.index, s.bytes = i, 0
	}
	s.bytes += int64(bytes)
}

// bits is the rate over the window that ends with the slot before now, false
// while the window is shorter than a fifth.
func (m *meter) bits(now time.Duration) (int64, bool) {
	if !m.used {
		return 0, false
	}
	i := int64(now / meterSlot)
	span := min(i-m.first, int64(len(m.slots))-1)
	if span < int64(len(m.slots))/5 {
		return 0, false
	}
	total := int64(0)
	for k := range m.slots {
		if s := &m.slots[k]; s.index < i && s.index >= i-span {
			total += s.bytes
		}
	}
	return total * 8 * int64(time.Second/meterSlot) / span, true
}
