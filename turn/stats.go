package turn

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
)

// Stats is a snapshot of the relay. The gauges are of this moment, the
// counters since New.
type Stats struct {
	Allocations int // gauge
	Connections int // gauge: TCP and TLS
	Pending     int // gauge: connections without an allocation

	AllocationsTotal    uint64
	AuthRefused         uint64 // unknown form, expired or revoked
	QuotaRefused        uint64 // answered 486
	PeersRefused        uint64 // CreatePermission and ChannelBind answered 403
	PacketsRefused      uint64 // to or from a peer that the policy forbids
	RepliesDropped      uint64 // datagrams that the reply limit kept back
	ConnectionsRefused  uint64 // closed for a cap
	ConnectionsTimedOut uint64 // closed for having no allocation in time
	BadFrames           uint64
	Revocations         uint64
	Warnings            uint64 // things Pion would have logged
	BytesToPeers        uint64
	BytesFromPeers      uint64
}

type counters struct {
	allocations, authRefused, quotaRefused, peersRefused, packetsRefused,
	repliesDropped, connectionsRefused, connectionsTimedOut, badFrames,
	revocations, warnings, toPeers, fromPeers atomic.Uint64
}

// Stats returns a snapshot.
func (s *Server) Stats() Stats {
	open, pending := s.streams.counts()
	c := &s.counters
	return Stats{
		Allocations: s.relays.count(), Connections: open, Pending: pending,
		AllocationsTotal: c.allocations.Load(), AuthRefused: c.authRefused.Load(),
		QuotaRefused: c.quotaRefused.Load(), PeersRefused: c.peersRefused.Load(),
		PacketsRefused: c.packetsRefused.Load(), RepliesDropped: c.repliesDropped.Load(),
		ConnectionsRefused: c.connectionsRefused.Load(), ConnectionsTimedOut: c.connectionsTimedOut.Load(),
		BadFrames: c.badFrames.Load(), Revocations: c.revocations.Load(), Warnings: c.warnings.Load(),
		BytesToPeers: c.toPeers.Load(), BytesFromPeers: c.fromPeers.Load(),
	}
}

// refusalLogEvery spaces the log lines about refused peers, which a stranger
// with credentials could otherwise write at will.
const refusalLogEvery = 10 * time.Second

// logLimit lets one line pass per period and counts the rest.
type logLimit struct {
	every time.Duration
	now   func() time.Time

	mu         sync.Mutex
	next       time.Time
	suppressed int
}

// take reports whether a line may be written, and how many were not since the
// last one.
func (l *logLimit) take() (suppressed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Before(l.next) {
		l.suppressed++
		return 0, false
	}
	suppressed, l.suppressed = l.suppressed, 0
	l.next = now.Add(l.every)
	return suppressed, true
}

// pionLog drops what Pion logs, which names client addresses and can be
// provoked by any datagram, and counts its warnings and errors.
type pionLog struct{ warnings *atomic.Uint64 }

var (
	_ logging.LoggerFactory = (*pionLog)(nil)
	_ logging.LeveledLogger = (*pionLog)(nil)
)

// NewLogger returns the same silent logger for every scope.
func (l *pionLog) NewLogger(string) logging.LeveledLogger { return l }

// The levels below a warning are dropped.

func (l *pionLog) Trace(string)          {}
func (l *pionLog) Tracef(string, ...any) {}
func (l *pionLog) Debug(string)          {}
func (l *pionLog) Debugf(string, ...any) {}
func (l *pionLog) Info(string)           {}
func (l *pionLog) Infof(string, ...any)  {}

// Warnings and errors are counted.

func (l *pionLog) Warn(string)           { l.warnings.Add(1) }
func (l *pionLog) Warnf(string, ...any)  { l.warnings.Add(1) }
func (l *pionLog) Error(string)          { l.warnings.Add(1) }
func (l *pionLog) Errorf(string, ...any) { l.warnings.Add(1) }
