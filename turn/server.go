package turn

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// minSecretLen is the least secret New takes, in bytes.
const minSecretLen = 16

// Server is a running relay. Its methods may be called from any goroutine.
//
// A packet's way: streamConn or datagramConn → Pion (authenticates through
// authenticate, asks permission) → relay → peer, and back through the same.
type Server struct {
	cfg      Config
	log      *slog.Logger
	now      func() time.Time
	mint     *mint
	policy   policy
	relays   *relays
	flows    *flows
	streams  *streams
	counters counters
	refusals *logLimit

	pion      *turn.Server
	udp       *datagramConn
	tcp, tls  *streamListener
	addresses Addresses
}

// Addresses are the ones actually listened on; zero where a listener is off.
type Addresses struct{ UDP, TCP, TLS netip.AddrPort }

// named lists those that are bound, by name, for a log line.
func (a Addresses) named() []any {
	var out []any
	for _, l := range []struct {
		name string
		at   netip.AddrPort
	}{{"udp", a.UDP}, {"tcp", a.TCP}, {"tls", a.TLS}} {
		if l.at.IsValid() {
			out = append(out, l.name, l.at.String())
		}
	}
	return out
}

// New starts a relay. Whoever knows secret (at least 16 bytes) can make
// credentials; with a secret kept over restarts, so are credentials, but not
// revocations.
func New(cfg Config, secret []byte, log *slog.Logger) (*Server, error) {
	return start(cfg, secret, log, time.Now)
}

// start is New with a clock.
func start(cfg Config, secret []byte, log *slog.Logger, now func() time.Time) (*Server, error) {
	if err := cfg.ready(); err != nil {
		return nil, err
	}
	if len(secret) < minSecretLen {
		return nil, fmt.Errorf("turn: a secret of %d bytes is too short, %d are needed", len(secret), minSecretLen)
	}
	s := &Server{
		cfg: cfg, log: log, now: now,
		mint:     newMint(append([]byte(nil), secret...), cfg.CredentialTTL, now),
		policy:   policy{allow: cfg.AllowPeer},
		flows:    &flows{owner: make(map[flow]holding)},
		refusals: &logLimit{every: refusalLogEvery, now: now},
	}
	s.relays = &relays{server: s, held: make(map[string]map[*relay]struct{})}
	s.streams = newStreams(s)
	if err := s.listen(); err != nil {
		s.closeSockets()
		return nil, err
	}
	if err := s.startPion(); err != nil {
		s.closeSockets()
		return nil, err
	}
	log.Info("turn: listening", s.addresses.named()...)
	return s, nil
}

// listen opens the configured sockets.
func (s *Server) listen() error {
	if s.cfg.ListenUDP != "" {
		conn, err := net.ListenPacket("udp", s.cfg.ListenUDP)
		if err != nil {
			return fmt.Errorf("turn: listen on UDP: %w", err)
		}
		s.udp = &datagramConn{
			PacketConn: conn, server: s, ended: make(chan struct{}),
			limit: newReplyLimit(s.cfg.RepliesPerSecond, s.now),
		}
		s.addresses.UDP, _ = addrPort(conn.LocalAddr())
	}
	for _, l := range []struct {
		name, addr string
		listener   **streamListener
		told       *netip.AddrPort
	}{
		{"TCP", s.cfg.ListenTCP, &s.tcp, &s.addresses.TCP},
		{"TLS", s.cfg.ListenTLS, &s.tls, &s.addresses.TLS},
	} {
		if l.addr == "" {
			continue
		}
		inner, err := net.Listen("tcp", l.addr)
		if err != nil {
			return fmt.Errorf("turn: listen on %s: %w", l.name, err)
		}
		*l.listener = &streamListener{Listener: inner, server: s, ended: make(chan struct{})}
		*l.told, _ = addrPort(inner.Addr())
	}
	if s.tls != nil {
		s.tls.tls = s.cfg.TLSConfig
	}
	return nil
}

// startPion hands the wrapped sockets to Pion.
func (s *Server) startPion() error {
	cfg := turn.ServerConfig{
		Realm:         s.cfg.Realm,
		AuthHandler:   s.authenticate,
		QuotaHandler:  s.quota,
		LoggerFactory: &pionLog{warnings: &s.counters.warnings},
		// A client that names no family gets the one the relay has, as the
		// relay's family, not the client's, must fit the media server's.
		StrictAddressFamily: s.cfg.RelayAddress.Unmap().Is4(),
		EventHandler: turn.EventHandler{
			OnAllocationCreated: s.allocated,
			OnAllocationDeleted: s.released,
		},
	}
	if s.udp != nil {
		cfg.PacketConnConfigs = []turn.PacketConnConfig{{
			PacketConn: s.udp, RelayAddressGenerator: s.relays, PermissionHandler: s.permit,
		}}
	}
	for _, l := range []*streamListener{s.tcp, s.tls} {
		if l != nil {
			cfg.ListenerConfigs = append(cfg.ListenerConfigs, turn.ListenerConfig{
				Listener: l, RelayAddressGenerator: s.relays, PermissionHandler: s.permit,
			})
		}
	}
	pion, err := turn.NewServer(cfg)
	if err != nil {
		return fmt.Errorf("turn: start: %w", err)
	}
	s.pion = pion
	return nil
}

// Addresses returns where the relay listens, with the ports that were taken
// for 0.
func (s *Server) Addresses() Addresses { return s.addresses }

// Issue makes credentials for identity, to be used for CredentialTTL. Identity
// is any string of up to 256 bytes; give each person and visit its own, since
// quota and Revoke go by it.
func (s *Server) Issue(identity string) Credentials {
	username, password, expires := s.mint.issue(identity)
	return Credentials{URLs: s.urls(), Username: username, Credential: password, Expires: expires}
}

// urls lists the listeners as RFC 7065 URIs, the cheapest way first.
func (s *Server) urls() []string {
	host := s.cfg.Host
	if host == "" {
		host = s.cfg.RelayAddress.Unmap().String()
	}
	at := func(a netip.AddrPort) string { return net.JoinHostPort(host, strconv.Itoa(int(a.Port()))) }
	var out []string
	if s.udp != nil {
		out = append(out, "turn:"+at(s.addresses.UDP)+"?transport=udp")
	}
	if s.tcp != nil {
		out = append(out, "turn:"+at(s.addresses.TCP)+"?transport=tcp")
	}
	if s.tls != nil {
		out = append(out, "turns:"+at(s.addresses.TLS)+"?transport=tcp")
	}
	return out
}

// Revoke ends identity's allocations and refuses every credential issued to it
// so far. Credentials issued afterwards work.
func (s *Server) Revoke(identity string) {
	if identity == "" {
		return
	}
	s.mint.revoke(identity)
	s.counters.revocations.Add(1)
	s.end(identity)
}

// end takes away what identity holds.
func (s *Server) end(identity string) {
	for _, k := range s.flows.take(identity) {
		if k.stream {
			s.streams.end(k.client)
		}
	}
	for _, r := range s.relays.of(identity) {
		_ = r.Close()
	}
}

// authenticate is asked for every request that carries credentials. The
// password is not seen here: Pion compares the message integrity under the key
// returned.
func (s *Server) authenticate(ra *turn.RequestAttributes) (string, []byte, bool) {
	identity, expiry, ok := s.mint.parse(ra.Username)
	if !ok || ra.Realm != s.cfg.Realm || s.mint.revoked(identity, expiry) {
		s.counters.authRefused.Add(1)
		return "", nil, false
	}
	k, known := flowOf(ra.SrcAddr)
	holds := known && ra.Method != stun.MethodAllocate && s.flows.ownedBy(k, identity)
	if !holds && !s.now().Before(time.Unix(expiry, 0)) {
		s.counters.authRefused.Add(1)
		return "", nil, false
	}
	return identity, integrityKey(ra.Username, s.cfg.Realm, s.mint.password(ra.Username)), true
}

// quota answers whether an authenticated identity may allocate (486 if not).
func (s *Server) quota(identity, _ string, _ net.Addr) bool {
	if s.relays.within(identity) {
		return true
	}
	s.counters.quotaRefused.Add(1)
	return false
}

// permit decides on the peer of a CreatePermission or ChannelBind (403 if
// refused). Pion tells the address alone; the port is in the request.
func (s *Server) permit(client net.Addr, ip net.IP) bool {
	r := s.asking(client)
	if r != nil && r.permitted(s.policy, ip) {
		return true
	}
	if r != nil {
		r.refused = true
	}
	s.counters.peersRefused.Add(1)
	if suppressed, ok := s.refusals.take(); ok {
		s.log.Warn("turn: peer refused", "peer", ip.String(), "suppressed", suppressed)
	}
	return false
}

// asking returns the request that is being handled for client, on whose read
// loop this runs.
func (s *Server) asking(client net.Addr) *request {
	k, ok := flowOf(client)
	switch {
	case !ok:
		return nil
	case k.stream:
		return s.streams.last(k.client)
	case s.udp != nil:
		return s.udp.last
	}
	return nil
}

// allocated and released follow Pion's allocations.
func (s *Server) allocated(client, _ net.Addr, _, identity, _ string, _ net.Addr, _ int) {
	k, ok := flowOf(client)
	if !ok {
		return
	}
	s.flows.put(k, identity)
	if k.stream {
		s.streams.allocated(k.client)
	}
	// A revocation between authenticate and here has not seen this allocation.
	if r := s.asking(client); r != nil {
		if id, expiry, ok := s.mint.parse(r.username); ok && s.mint.revoked(id, expiry) {
			s.end(identity)
		}
	}
}

func (s *Server) released(client, _ net.Addr, _, _, _ string) {
	k, ok := flowOf(client)
	if !ok {
		return
	}
	s.flows.drop(k)
	if k.stream {
		s.streams.released(k.client)
	}
}

// Close ends all allocations and connections and returns when their sockets
// are closed and nothing is read any more.
func (s *Server) Close() error {
	err := s.pion.Close()
	s.streams.shut()
	for _, r := range s.relays.of("") {
		_ = r.Close()
	}
	s.relays.gone.Wait()
	if s.udp != nil {
		<-s.udp.ended
	}
	for _, l := range []*streamListener{s.tcp, s.tls} {
		if l != nil {
			<-l.ended
		}
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("turn: close: %w", err)
	}
	return nil
}

// closeSockets undoes listen when New fails.
func (s *Server) closeSockets() {
	if s.udp != nil {
		_ = s.udp.Close()
	}
	for _, l := range []*streamListener{s.tcp, s.tls} {
		if l != nil {
			_ = l.Close()
		}
	}
}
