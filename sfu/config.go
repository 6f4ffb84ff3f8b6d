package sfu

import (
	"fmt"
	"net/netip"
	"time"
)

// Config sets up a server. The zero value is not usable: start from
// DefaultConfig.
type Config struct {
	// Listen is the UDP address all media arrives at, "host:port". Port 0
	// takes a free one. Default ":7882".
	Listen string
	// Announce lists the addresses clients can reach Listen at. Empty means
	// the addresses of this machine's interfaces (loopback only when there is
	// no other). Default empty.
	Announce []netip.Addr
	// MaxParticipants bounds one room. Default 100.
	MaxParticipants int
	// MaxSections bounds the media sections of one offer. Default 128.
	MaxSections int
	// ReceiveBuffer and SendBuffer are the kernel's socket buffers in bytes.
	// Default 4 MiB each; the kernel may grant less.
	ReceiveBuffer int
	SendBuffer    int
	// Batch is how many datagrams one receive call may take. Default 32.
	Batch int
	// Offload lets the kernel cut runs of packets (UDP_SEGMENT). Default true;
	// switched off by itself where the kernel refuses.
	Offload bool
	// DisconnectAfter is the silence after which a client counts as
	// disconnected. Default 3s.
	DisconnectAfter time.Duration
	// ConsentTimeout is the age of the last consent (RFC 7675) at which a
	// client counts as gone. Default 30s.
	ConsentTimeout time.Duration
	// KeyframeInterval is the least time between two key-frame requests for
	// one layer, except for a new subscriber. Default 500ms.
	KeyframeInterval time.Duration
	// StartBitrate is the video rate in bit/s a subscriber is assumed to take
	// before its first feedback. Default 2_000_000.
	StartBitrate int
	// MaxBitrate bounds the video in bit/s that one client may send, all its pictures
	// and their sizes together; what is over it is dropped. Default 12_000_000, three
	// times what a browser sends of camera and screen.
	MaxBitrate int
	// Shards is how many sockets share the port, each with a goroutine of its own that
	// reads it. Default 0, as many as the machine's processors can use.
	Shards int
	// Codecs lists the codecs the server accepts, most wanted first.
	// Default VP8, H264, VP9, AV1, opus.
	Codecs []string
}

// DefaultConfig returns the settings a single clinic's server starts with.
func DefaultConfig() Config {
	return Config{
		Listen:           ":7882",
		MaxParticipants:  100,
		MaxSections:      128,
		ReceiveBuffer:    4 << 20,
		SendBuffer:       4 << 20,
		Batch:            32,
		Offload:          true,
		DisconnectAfter:  3 * time.Second,
		ConsentTimeout:   30 * time.Second,
		KeyframeInterval: 500 * time.Millisecond,
		StartBitrate:     2_000_000,
		MaxBitrate:       12_000_000,
		Codecs:           []string{"VP8", "H264", "VP9", "AV1", "opus"},
	}
}

// Validate names the first setting that cannot work.
func (c Config) Validate() error {
	if _, err := netip.ParseAddrPort(listenAddr(c.Listen)); err != nil {
		return fmt.Errorf("listen %q: want host:port with a numeric host: %w", c.Listen, err)
	}
	for _, a := range c.Announce {
		if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() {
			return fmt.Errorf("announce: %v is not an address clients can reach", a)
		}
	}
	for _, n := range []struct {
		name     string
		v        int
		min, max int
	}{
		{"max participants", c.MaxParticipants, 2, 10_000},
		{"max sections", c.MaxSections, 2, 1024},
		{"receive buffer", c.ReceiveBuffer, 64 << 10, 1 << 30},
		{"send buffer", c.SendBuffer, 64 << 10, 1 << 30},
		{"batch", c.Batch, 1, 256},
		{"max bitrate", c.MaxBitrate, 500_000, 1_000_000_000},
		{"shards", c.Shards, 0, maxShards},
		{"start bitrate", c.StartBitrate, 50_000, 100_000_000},
	} {
		if n.v < n.min || n.v > n.max {
			return fmt.Errorf("%s: %d is outside %d to %d", n.name, n.v, n.min, n.max)
		}
	}
	for _, d := range []struct {
		name     string
		v        time.Duration
		min, max time.Duration
	}{
		{"disconnect after", c.DisconnectAfter, time.Second, time.Minute},
		{"consent timeout", c.ConsentTimeout, 5 * time.Second, time.Minute},
		{"keyframe interval", c.KeyframeInterval, 50 * time.Millisecond, 10 * time.Second},
	} {
		if d.v < d.min || d.v > d.max {
			return fmt.Errorf("%s: %v is outside %v to %v", d.name, d.v, d.min, d.max)
		}
	}
	if len(c.Codecs) == 0 {
		return fmt.Errorf("codecs: none listed")
	}
	return nil
}

// listenAddr puts the wildcard address in place of an empty host.
func listenAddr(s string) string {
	if len(s) > 0 && s[0] == ':' {
		return "[::]" + s
	}
	return s
}
