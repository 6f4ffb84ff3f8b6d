package turn

import (
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/turn/v5"
)

var (
	errQuota   = errors.New("turn: allocation quota reached")
	errNoTCP   = errors.New("turn: RFC 6062 allocations are refused")
	errNoSpace = errors.New("turn: too many allocations")
)

// relay is one allocation's socket towards the peers. It lets through only
// what the policy permits, address and port, in both directions.
type relay struct {
	net.PacketConn
	server   *Server
	identity string
	close    sync.Once
}

// ReadFrom returns packets of permitted peers and drops all others.
func (r *relay) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, addr, err := r.PacketConn.ReadFrom(p)
		if err != nil {
			return n, addr, err
		}
		if from, ok := addrPort(addr); ok && r.server.policy.permits(from) {
			r.server.counters.fromPeers.Add(uint64(n)) //nolint:gosec // never negative
			return n, addr, nil
		}
		r.server.counters.packetsRefused.Add(1)
	}
}

// WriteTo sends to permitted peers and drops what is for others.
func (r *relay) WriteTo(p []byte, addr net.Addr) (int, error) {
	if to, ok := addrPort(addr); !ok || !r.server.policy.permits(to) {
		r.server.counters.packetsRefused.Add(1)
		return len(p), nil
	}
	n, err := r.PacketConn.WriteTo(p, addr)
	r.server.counters.toPeers.Add(uint64(max(n, 0))) //nolint:gosec // not negative
	return n, err
}

// Close may be called often; Pion's relay loop ends with the socket and takes
// the allocation away.
func (r *relay) Close() error {
	var err error
	r.close.Do(func() {
		err = r.PacketConn.Close()
		r.server.relays.remove(r)
	})
	return err
}

// relays is Pion's source of relay sockets and the book of who has how many.
type relays struct {
	server *Server

	mu    sync.Mutex
	total int
	held  map[string]map[*relay]struct{} // by identity
	gone  sync.WaitGroup
}

var _ turn.RelayAddressGenerator = (*relays)(nil)

// Validate satisfies Pion; the configuration was checked in New.
func (g *relays) Validate() error { return nil }

// AllocatePacketConn opens the relay socket of a new allocation. The client's
// wish for a port (EVEN-PORT reservations) is not granted.
func (g *relays) AllocatePacketConn(conf turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	cfg := &g.server.cfg
	if is4 := conf.Network == "udp4"; is4 != cfg.RelayAddress.Unmap().Is4() {
		return nil, nil, errors.New("turn: no relay address of this family")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total >= cfg.MaxAllocations {
		return nil, nil, errNoSpace
	}
	// QuotaHandler has answered 486 already; this closes the gap between two
	// requests that asked it at the same moment.
	if len(g.held[conf.UserID]) >= cfg.AllocationsPerIdentity {
		return nil, nil, errQuota
	}
	conn, err := net.ListenUDP(conf.Network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(g.bind(), 0)))
	if err != nil {
		return nil, nil, err
	}
	r := &relay{PacketConn: conn, server: g.server, identity: conf.UserID}
	if g.held[r.identity] == nil {
		g.held[r.identity] = make(map[*relay]struct{})
	}
	g.held[r.identity][r] = struct{}{}
	g.total++
	g.gone.Add(1)
	g.server.counters.allocations.Add(1)
	local, _ := addrPort(conn.LocalAddr())
	told := netip.AddrPortFrom(cfg.RelayAddress.Unmap(), local.Port())
	return r, net.UDPAddrFromAddrPort(told), nil
}

// bind is the address relay sockets are bound to.
func (g *relays) bind() netip.Addr {
	cfg := &g.server.cfg
	switch {
	case cfg.RelayBind.IsValid():
		return cfg.RelayBind.Unmap()
	case cfg.RelayAddress.Unmap().Is4():
		return netip.IPv4Unspecified()
	default:
		return netip.IPv6Unspecified()
	}
}

// AllocateListener refuses RFC 6062: media goes over UDP to the peer.
func (g *relays) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoTCP
}

// AllocateConn refuses RFC 6062.
func (g *relays) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) {
	return nil, errNoTCP
}

func (g *relays) remove(r *relay) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.held[r.identity], r)
	if len(g.held[r.identity]) == 0 {
		delete(g.held, r.identity)
	}
	g.total--
	g.gone.Done()
}

// within reports whether identity may have one more allocation.
func (g *relays) within(identity string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.held[identity]) < g.server.cfg.AllocationsPerIdentity
}

// of returns the relays of identity, or all for "".
func (g *relays) of(identity string) []*relay {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []*relay
	for id, set := range g.held {
		if identity != "" && id != identity {
			continue
		}
		for r := range set {
			out = append(out, r)
		}
	}
	return out
}

func (g *relays) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total
}

// flow is a client's end of an allocation.
type flow struct {
	stream bool // TCP or TLS
	client netip.AddrPort
}

func flowUDP(client netip.AddrPort) flow { return flow{client: client} }

// flowOf reads a client's address as Pion hands it over.
func flowOf(a net.Addr) (flow, bool) {
	client, ok := addrPort(a)
	_, stream := a.(*net.TCPAddr)
	return flow{stream: stream, client: client}, ok
}

// flows knows which client addresses hold an allocation, and whose it is.
type flows struct {
	mu    sync.RWMutex
	owner map[flow]holding
}

// holding counts, because the end of an allocation is told after its 5-tuple
// is free for the next.
type holding struct {
	identity string
	count    int
}

func (f *flows) has(k flow) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	_, ok := f.owner[k]
	return ok
}

func (f *flows) ownedBy(k flow, identity string) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	owner, ok := f.owner[k]
	return ok && owner.identity == identity
}

func (f *flows) put(k flow, identity string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.owner[k] = holding{identity: identity, count: f.owner[k].count + 1}
}

func (f *flows) drop(k flow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.owner[k]
	if h.count--; h.count <= 0 {
		delete(f.owner, k)
		return
	}
	f.owner[k] = h
}

// take removes and returns the flows of identity.
func (f *flows) take(identity string) []flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []flow
	for k, owner := range f.owner {
		if owner.identity == identity {
			out = append(out, k)
			delete(f.owner, k)
		}
	}
	return out
}
