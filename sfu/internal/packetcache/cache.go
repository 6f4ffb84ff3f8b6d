package packetcache

import (
	"sync"
	"time"
)

// Cache is a ring of the recent packets of one stream, found by their sequence
// number. It forgets a packet when a newer one needs its place or when it grows
// older than the age set, so that a quiet stream holds little memory.
type Cache struct {
	mu     sync.Mutex
	ring   []*Packet     // guarded by mu; the place of a packet is Ext modulo its length
	maxAge time.Duration // guarded by mu
	head   uint64        // guarded by mu; highest Ext stored, 0 when empty
	tail   uint64        // guarded by mu; no packet before it is stored
}

// NewCache returns a cache of size packets, rounded up to a power of two, that
// keeps each for at most maxAge; 0 keeps them until their place is needed.
func NewCache(size int, maxAge time.Duration) *Cache {
	n := 1
	for n < size {
		n <<= 1
	}
	return &Cache{ring: make([]*Packet, n), maxAge: maxAge}
}

// SetMaxAge changes how long packets are kept from the next Put on. Three round
// trips of the slowest subscriber are enough for two attempts to resend.
func (c *Cache) SetMaxAge(d time.Duration) {
	c.mu.Lock()
	c.maxAge = d
	c.mu.Unlock()
}

// Put stores p, whose Ext and Arrival are set, retaining it. A packet too old for
// the ring and a duplicate are not stored.
func (c *Cache) Put(p *Packet) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := uint64(len(c.ring))
	switch {
	case c.head == 0:
		c.head, c.tail = p.Ext, p.Ext
	case p.Ext > c.head:
		if p.Ext-c.head >= size {
			c.clear()
			c.tail = p.Ext
		}
		c.head = p.Ext
		for c.head-c.tail >= size {
			c.drop(c.tail)
			c.tail++
		}
	case c.head-p.Ext >= size:
		return false
	case p.Ext < c.tail:
		if c.maxAge > 0 && c.tail-p.Ext > size/2 {
			return false
		}
		c.tail = p.Ext
	}
	at := p.Ext & (size - 1)
	if c.ring[at] != nil {
		return false
	}
	c.ring[at] = p.Retain()
	if c.maxAge > 0 {
		for c.tail < c.head {
			old := c.ring[c.tail&(size-1)]
			if old != nil && p.Arrival-old.Arrival <= c.maxAge {
				break
			}
			c.drop(c.tail)
			c.tail++
		}
	}
	return true
}

// Get returns the packet with sequence number seq, retained for the caller to
// Release, or nil.
func (c *Cache) Get(seq uint16) *Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.head == 0 {
		return nil
	}
	p := c.ring[c.place(seq)]
	if p == nil || uint16(p.Ext) != seq {
		return nil
	}
	return p.Retain()
}

// Newest returns the packet with the highest sequence number, retained, or nil.
// A prober resends it when it needs bytes to send.
func (c *Cache) Newest() *Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.head == 0 {
		return nil
	}
	if p := c.ring[c.head&uint64(len(c.ring)-1)]; p != nil {
		return p.Retain()
	}
	return nil
}

// Clear forgets all packets, as when the stream ends or begins anew.
func (c *Cache) Clear() {
	c.mu.Lock()
	c.clear()
	c.head, c.tail = 0, 0
	c.mu.Unlock()
}

func (c *Cache) place(seq uint16) uint64 {
	ext := uint64(int64(c.head) + int64(int16(seq-uint16(c.head))))
	return ext & uint64(len(c.ring)-1)
}

func (c *Cache) drop(ext uint64) {
	at := ext & uint64(len(c.ring)-1)
	if p := c.ring[at]; p != nil {
		c.ring[at] = nil
		p.Release()
	}
}

func (c *Cache) clear() {
	for i, p := range c.ring {
		if p != nil {
			c.ring[i] = nil
			p.Release()
		}
	}
}
