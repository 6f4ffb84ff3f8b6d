package sfu

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"time"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/handshake"
	"consilium/sfu/internal/ice"
	"consilium/sfu/internal/packetcache"
	"consilium/sfu/internal/udp"
)

// SFU is a media server: one UDP port, any number of rooms. Its methods may be
// called from any goroutine.
type SFU struct {
	// Static.
	cfg        Config
	log        *slog.Logger
	start      time.Time
	identity   *handshake.Identity
	codecs     []codec.Codec
	candidates []netip.AddrPort
	port       *udp.Port
	shards     []*shard
	aside      *aside // nil where nothing is put aside
	pool       packetcache.Pool
	counters   counters
	events     *queue

	stop    chan struct{}
	stirred chan struct{} // wakes the ticker; holds one
	wg      sync.WaitGroup

	mu     sync.Mutex // guards what follows; taken before any Room.mu
	rooms  map[string]*Room
	closed bool

	ufragMu sync.RWMutex // a leaf
	ufrags  map[string]*transport
}

// New opens the UDP port and starts the server. The caller must Close it.
func New(cfg Config, log *slog.Logger) (*SFU, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("sfu config: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &SFU{
		cfg: cfg, log: log, start: time.Now(), stop: make(chan struct{}), stirred: make(chan struct{}, 1),
		rooms: make(map[string]*Room), ufrags: make(map[string]*transport),
	}
	var err error
	if s.codecs, err = parseCodecs(cfg.Codecs); err != nil {
		return nil, fmt.Errorf("sfu config: %w", err)
	}
	if s.identity, err = handshake.NewIdentity(s.start); err != nil {
		return nil, err
	}
	at, err := netip.ParseAddrPort(listenAddr(cfg.Listen))
	if err != nil {
		return nil, fmt.Errorf("sfu config: listen: %w", err)
	}
	if s.port, err = udp.ListenPort(at, shardCount(cfg.Shards), feedback, udp.Options{
		ReceiveBuffer: cfg.ReceiveBuffer, SendBuffer: cfg.SendBuffer, Offload: cfg.Offload,
	}); err != nil {
		return nil, fmt.Errorf("open media port: %w", err)
	}
	if s.candidates, err = announced(cfg.Announce, s.port.Sockets[0].LocalAddr()); err != nil {
		return nil, errors.Join(err, s.port.Close())
	}
	s.events = newQueue(s)
	for i, socket := range s.port.Sockets {
		s.shards = append(s.shards, newShard(s, socket, i))
	}
	s.aside = newAside(s, s.port.Aside)
	for _, sh := range s.shards {
		s.wg.Go(sh.run)
	}
	s.wg.Go(s.events.run)
	s.wg.Go(func() { s.tick(newOutbox(s.port.Sockets[0].NewBatch(), maxOutboxes-1)) })
	return s, nil
}

// shardCount returns how many shards a machine is given: one for each two processors.
// Forwarding is not all that a call costs (the kernel delivers, the store and the pages
// want their turn), and fewer readers find longer batches, which are cheaper.
func shardCount(want int) int {
	if want > 0 {
		return want
	}
	return max(1, min(runtime.GOMAXPROCS(0)/2, maxShards))
}

// Addr returns the address the UDP port is bound to.
func (s *SFU) Addr() netip.AddrPort { return s.shards[0].socket.LocalAddr() }

// Room returns the room of that id, making it when there is none. A room
// nobody is in costs nothing and is forgotten.
func (s *SFU) Room(id string) *Room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		r = &Room{id: id, sfu: s}
		if s.closed {
			r.closed = true
		}
	}
	return r
}

// Close removes everybody, closes the port and returns when all goroutines of
// the server have ended.
func (s *SFU) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	rooms := make([]*Room, 0, len(s.rooms))
	for _, r := range s.rooms {
		rooms = append(rooms, r)
	}
	s.mu.Unlock()
	for _, r := range rooms {
		r.Close()
	}
	close(s.stop)
	s.port.Shut()
	s.events.close()
	s.wg.Wait()
	if err := s.port.Close(); err != nil {
		return fmt.Errorf("close media port: %w", err)
	}
	return nil
}

// now is the time the packet path counts in.
func (s *SFU) now() time.Duration { return time.Since(s.start) }

func (s *SFU) register(t *transport, ufrag string) {
	s.ufragMu.Lock()
	defer s.ufragMu.Unlock()
	s.ufrags[ufrag] = t
}

func (s *SFU) unregister(ufrag string) {
	s.ufragMu.Lock()
	defer s.ufragMu.Unlock()
	delete(s.ufrags, ufrag)
}

// byUfrag finds the transport a STUN request names.
func (s *SFU) byUfrag(b []byte) *transport {
	ufrag, ok := ice.LocalUfrag(b)
	if !ok {
		return nil
	}
	s.ufragMu.RLock()
	defer s.ufragMu.RUnlock()
	return s.ufrags[string(ufrag)]
}

// trackID makes a random identifier, 80 bits.
func (s *SFU) trackID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return strings.ToLower(base32.HexEncoding.EncodeToString(b[:]))
}

// parseCodecs turns the configured names into codecs.
func parseCodecs(names []string) ([]codec.Codec, error) {
	var out []codec.Codec
	for _, n := range names {
		c := codec.ByName(n)
		if c == codec.Unknown || c == codec.OpusRED {
			return nil, fmt.Errorf("codecs: unknown %q", n)
		}
		out = append(out, c)
	}
	return out, nil
}
