package packetcache

import (
	"sync"
	"testing"
	"time"
)

func packet(l *Pool, ext uint64, at time.Duration, n int) *Packet {
	p := l.Get()
	p.Data = p.Buffer()[:n]
	p.Ext, p.Arrival = ext, at
	return p
}

func TestCacheFindsBySequenceAcrossTheWrap(t *testing.T) {
	var l Pool
	c := NewCache(8, 0)
	const first = 1<<16 + 65530
	for ext := uint64(first); ext < first+20; ext++ {
		p := packet(&l, ext, 0, 100)
		if !c.Put(p) {
			t.Fatalf("%d was not stored", ext)
		}
		p.Release()
	}
	for ext := uint64(first); ext < first+20; ext++ {
		p := c.Get(uint16(ext))
		if want := ext >= first+12; (p != nil) != want {
			t.Fatalf("%d found: %v", ext, p != nil)
		}
		if p != nil {
			if p.Ext != ext {
				t.Fatalf("asked %d, got %d", ext, p.Ext)
			}
			p.Release()
		}
	}
	if got := l.InUse(); got != 8 {
		t.Fatalf("%d packets in use, want 8", got)
	}
	if p := c.Newest(); p == nil || p.Ext != first+19 {
		t.Fatal("newest")
	} else {
		p.Release()
	}
	c.Clear()
	if l.InUse() != 0 || l.Leaked() != 0 {
		t.Fatalf("after Clear %d in use, %d leaked", l.InUse(), l.Leaked())
	}
}

func TestCachePut(t *testing.T) {
	const base = 1<<16 + 100
	for _, c := range []struct {
		name  string
		age   time.Duration
		put   []int // after base; arrival is 10 ms times the position in this list
		have  []int
		miss  []int
		inUse int64
	}{
		{"late packet fills its gap", 0, []int{0, 2, 1}, []int{0, 1, 2}, []int{3}, 3},
		{"duplicate is not stored", 0, []int{0, 1, 1}, []int{0, 1}, nil, 2},
		{"too late for the ring", 0, []int{0, 20, 10}, []int{20}, []int{0, 10}, 1},
		{"before the first", 0, []int{4, 3}, []int{3, 4}, nil, 2},
		{"jump further than the ring", 0, []int{0, 1, 1000}, []int{1000}, []int{0, 1}, 1},
		{"age", 25 * time.Millisecond, []int{0, 1, 2, 3, 4}, []int{2, 3, 4}, []int{0, 1}, 3},
		{"age across a gap", 15 * time.Millisecond, []int{0, 3, 4, 5}, []int{4, 5}, []int{0, 3}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l Pool
			cache := NewCache(8, c.age)
			for i, n := range c.put {
				p := packet(&l, uint64(base+n), time.Duration(i)*10*time.Millisecond, 50)
				cache.Put(p)
				p.Release()
			}
			for _, n := range c.have {
				if p := cache.Get(uint16(base + n)); p == nil {
					t.Errorf("%d is missing", n)
				} else {
					p.Release()
				}
			}
			for _, n := range c.miss {
				if cache.Get(uint16(base+n)) != nil {
					t.Errorf("%d is still there", n)
				}
			}
			if l.InUse() != c.inUse {
				t.Errorf("%d in use, want %d", l.InUse(), c.inUse)
			}
		})
	}
}

func TestCompactKeepsTheContent(t *testing.T) {
	var l Pool
	p := packet(&l, 7, time.Second, 3)
	copy(p.Data, "abc")
	p.Header.Seq = 7
	q := l.Compact(p)
	if q == p || len(q.Buffer()) != SmallSize || string(q.Data) != "abc" || q.Ext != 7 || q.Header.Seq != 7 || q.Arrival != time.Second {
		t.Fatalf("%+v", q)
	}
	if l.Compact(q) != q {
		t.Error("a small packet was compacted again")
	}
	big := packet(&l, 8, 0, SmallSize+1)
	if l.Compact(big) != big {
		t.Error("a large packet was compacted")
	}
	q.Release()
	big.Release()
	if l.InUse() != 0 {
		t.Errorf("%d in use", l.InUse())
	}
}

func TestOneReleaseTooManyNeverSharesABuffer(t *testing.T) {
	var l Pool
	p := l.Get()
	p.Release()
	p.Release()
	a, b := l.Get(), l.Get()
	if a == b {
		t.Fatal("one buffer has two owners")
	}
	if l.Leaked() != 1 {
		t.Fatalf("leaked %d", l.Leaked())
	}
}

func TestPoolGivesMemoryBack(t *testing.T) {
	var l Pool
	var all []*Packet
	for range 1000 {
		all = append(all, l.Get())
	}
	for _, p := range all {
		p.Release()
	}
	if n := len(l.large); n > 1000/2 {
		t.Fatalf("%d free packets are kept for none in use", n)
	}
}

func TestCacheUnderConcurrentUse(t *testing.T) {
	var l Pool
	c := NewCache(64, 0)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for seq := uint16(0); ; seq++ {
				select {
				case <-stop:
					return
				default:
				}
				if p := c.Get(seq); p != nil {
					if p.Data[0] != byte(p.Ext) {
						t.Error("a packet changed while it was retained")
					}
					p.Release()
				}
			}
		}()
	}
	for ext := uint64(1 << 16); ext < 1<<16+20000; ext++ {
		p := packet(&l, ext, 0, 1)
		p.Data[0] = byte(ext)
		c.Put(p)
		p.Release()
	}
	close(stop)
	wg.Wait()
	c.Clear()
	if l.InUse() != 0 || l.Leaked() != 0 {
		t.Fatalf("%d in use, %d leaked", l.InUse(), l.Leaked())
	}
}

func TestForwardingAllocatesNothing(t *testing.T) {
	var l Pool
	c := NewCache(64, time.Second)
	ext := uint64(1 << 16)
	step := func() {
		ext++
		p := packet(&l, ext, time.Duration(ext)*time.Millisecond, 80)
		p = l.Compact(p)
		c.Put(p)
		p.Release()
		if q := c.Get(uint16(ext - 10)); q != nil {
			q.Release()
		}
	}
	for range 5000 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Fatalf("%v allocations per packet", n)
	}
}

func BenchmarkPutGet(b *testing.B) {
	var l Pool
	c := NewCache(512, time.Second)
	ext := uint64(1 << 16)
	b.ReportAllocs()
	for b.Loop() {
		ext++
		p := packet(&l, ext, time.Duration(ext)*time.Millisecond, 1150)
		c.Put(p)
		p.Release()
		if q := c.Get(uint16(ext - 10)); q != nil {
			q.Release()
		}
	}
}
