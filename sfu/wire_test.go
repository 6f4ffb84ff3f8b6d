package sfu

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// wire is a client's socket whose traffic a test can lose, change, repeat or
// move to another address.
type wire struct {
	ip   net.IP
	mu   sync.Mutex
	conn *net.UDPConn
	in   chan packetFrom
	done chan struct{}

	lose  atomic.Pointer[func(p []byte) bool]     // of what arrives
	spoil atomic.Pointer[func(p []byte) [][]byte] // what is sent instead
}

type packetFrom struct {
	b    []byte
	from net.Addr
}

func newWire(t testing.TB) *wire { return newWireAt(t, net.IPv4(127, 0, 0, 1)) }

func newWireAt(t testing.TB, ip net.IP) *wire {
	w := &wire{ip: ip, in: make(chan packetFrom, 4096), done: make(chan struct{})}
	w.move(t)
	t.Cleanup(func() { close(w.done) })
	return w
}

// move puts the client behind a new address; nothing comes to the old one.
func (w *wire) move(t testing.TB) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: w.ip})
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	if w.conn != nil {
		_ = w.conn.Close()
	}
	w.conn = conn
	w.mu.Unlock()
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		for {
			b := make([]byte, 2000)
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if lose := w.lose.Load(); lose != nil && (*lose)(b[:n]) {
				continue
			}
			select {
			case w.in <- packetFrom{b[:n], from}:
			case <-w.done:
				return
			}
		}
	}()
}

func (w *wire) now() *net.UDPConn {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn
}

func (w *wire) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case p := <-w.in:
		return copy(b, p.b), p.from, nil
	case <-w.done:
		return 0, nil, net.ErrClosed
	}
}

func (w *wire) WriteTo(b []byte, to net.Addr) (int, error) {
	out := [][]byte{b}
	if spoil := w.spoil.Load(); spoil != nil {
		out = (*spoil)(b)
	}
	for _, p := range out {
		_, _ = w.now().WriteTo(p, to)
	}
	return len(b), nil
}

func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() net.Addr              { return w.now().LocalAddr() }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// over makes a client use the wire.
func (w *wire) over(se *webrtc.SettingEngine) { se.SetICEUDPMux(webrtc.NewICEUDPMux(nil, w)) }

func isMedia(p []byte) bool {
	return len(p) > 12 && p[0]>>6 == 2 && (p[1] < 192 || p[1] > 223)
}

// every returns a function that is true for each n-th media packet.
func every(n int) func([]byte) bool {
	var count atomic.Int64
	return func(p []byte) bool { return isMedia(p) && count.Add(1)%int64(n) == 0 }
}

func TestRepair(t *testing.T) {
	s := server(t)
	up, down := newWire(t), newWire(t)
	a := join(t, s, clientOptions{identity: "a", settings: up.over})
	b := join(t, s, clientOptions{identity: "b", settings: down.over})
	until(t, "b sees a", b.hears("a", SourceCamera))
	lose, drop := every(10), every(13)
	down.lose.Store(&lose)
	spoil := func(p []byte) [][]byte {
		if drop(p) {
			return nil
		}
		return [][]byte{p}
	}
	up.spoil.Store(&spoil)
	from := s.Stats()
	time.Sleep(2 * time.Second)
	none := func([]byte) bool { return false }
	down.lose.Store(&none)
	up.spoil.Store(nil)
	st := s.Stats()
	t.Logf("asked for %d, sent again %d", st.Nacks-from.Nacks, st.Retransmits-from.Retransmits)
	if st.Nacks == from.Nacks || st.Retransmits == from.Retransmits {
		t.Fatal("nothing was repaired")
	}
	_ = a
	r := b.on(b.slotOf("a", SourceCamera))
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := 0
	for seq := r.first; seq != r.last-20; seq++ {
		if !r.seen[seq] {
			missing++
		}
	}
	total := int(r.last - r.first)
	t.Logf("%d of %d packets never came", missing, total)
	if missing > total/100 {
		t.Errorf("%d of %d packets were not repaired", missing, total)
	}
}

func TestAddressMove(t *testing.T) {
	s := server(t)
	w := newWire(t)
	a := join(t, s, clientOptions{identity: "a", settings: w.over})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	until(t, "a sees b", a.hears("b", SourceCamera))
	start := time.Now()
	w.move(t)
	until(t, "b sees a again", b.flows("a", SourceCamera))
	until(t, "a sees b again", a.flows("b", SourceCamera))
	t.Logf("both directions moved after %v", time.Since(start))
}

func TestReplaysAndForgeries(t *testing.T) {
	s := server(t)
	w := newWire(t)
	join(t, s, clientOptions{identity: "a", settings: w.over})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	spoil := func(p []byte) [][]byte {
		if !isMedia(p) {
			if p[0]>>6 == 2 { // RTCP: sent twice
				return [][]byte{p, p}
			}
			return [][]byte{p}
		}
		forged := append([]byte(nil), p...)
		forged[3]++ // the next number
		forged[len(forged)-1] ^= 1
		short := append([]byte(nil), p[:13]...)
		stranger := append([]byte(nil), p...)
		stranger[8] ^= 0x55 // a source nobody has
		return [][]byte{forged, p, p, short, stranger, {0x80}, {0x80, 200}, {20}, {0, 1}}
	}
	w.spoil.Store(&spoil)
	rec := b.on(b.slotOf("a", SourceCamera))
	before := rec.count()
	until(t, "b goes on seeing a", func() bool { return rec.count() > before+200 })
	st := s.Stats()
	if st.DroppedForged < 100 || st.DroppedReplayed < 100 {
		t.Errorf("forged %d, replayed %d", st.DroppedForged, st.DroppedReplayed)
	}
	if r := rec.copy(); r.gaps > 0 || r.twice > 0 {
		t.Errorf("b got %d gaps and %d packets twice", r.gaps, r.twice)
	}
	if st.Panics > 0 {
		t.Error("something panicked")
	}
}

// TestPanicStaysInItsRoom lets a listener and the packet path of one room fail.
func TestPanicStaysInItsRoom(t *testing.T) {
	s := server(t)
	a := join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	bad := &recorder{hook: func(string) { panic("listener") }}
	c := newClient(t, s, "other", clientOptions{identity: "c", audio: 1})
	c.p.events = bad
	c.offer(nil)
	until(t, "the panic is counted", func() bool { return s.Stats().Panics == 1 })
	until(t, "its participant is gone", func() bool { return s.Stats().Participants == 2 })

	d := newClient(t, s, "third", clientOptions{identity: "d", audio: 1, video: 1})
	cam := d.publish(SourceCamera)
	d.offer(nil)
	d.p.transport.Load().in.mu.Lock()
	d.p.tracks[0].downs.Store(nil) // what no code does: the next packet panics
	d.p.transport.Load().in.mu.Unlock()
	d.feed(cam[0], 300)
	until(t, "the second panic is counted", func() bool { return s.Stats().Panics >= 2 })
	until(t, "its participant is gone too", func() bool { return s.Stats().Participants == 2 })
	until(t, "the others go on", b.flows("a", SourceCamera))
	until(t, "both ways", a.flows("b", SourceCamera))
}
