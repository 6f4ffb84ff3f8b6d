package crypt

// Window is how many packets back of each source replays are told from late
// packets, and sealed numbers from new ones.
const Window = 1024

// rollover is one turn of the 16-bit sequence number. Indices begin with one, so
// that those before the first packet are not below zero.
const rollover = 1 << 16

// window remembers which of a source's newest packet indices (RFC 3711 §3.3.1)
// have passed.
type window struct {
	begun bool
	high  uint64 // highest index that passed
	seen  [Window / 64]uint64
}

// index returns the index of a packet with sequence number seq: of all that end
// in it the one nearest to the highest.
func (w *window) index(seq uint16) uint64 {
	if !w.begun {
		return rollover + uint64(seq)
	}
	return uint64(int64(w.high) + int64(int16(seq-uint16(w.high))))
}

// fresh reports that an index surely has not passed.
func (w *window) fresh(index uint64) bool {
	switch {
	case !w.begun || index > w.high:
		return true
	case w.high-index >= Window:
		return false
	}
	return w.seen[index/64%(Window/64)]&(1<<(index%64)) == 0
}

// pass notes an index, which must be fresh.
func (w *window) pass(index uint64) {
	switch {
	case !w.begun:
		w.begun, w.high = true, index
	case index > w.high:
		if index-w.high >= Window {
			clear(w.seen[:])
		} else {
			for i := w.high + 1; i < index; i++ {
				w.seen[i/64%(Window/64)] &^= 1 << (i % 64)
			}
		}
		w.high = index
	}
	w.seen[index/64%(Window/64)] |= 1 << (index % 64)
}

// turns is the rollover counter that belongs to an index.
func turns(index uint64) uint32 { return uint32(index/rollover) - 1 }
