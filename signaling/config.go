package signaling

import (
	"fmt"
	"net/url"
	"time"
)

// Config sets the limits of the protocol. Start from DefaultConfig.
type Config struct {
	// Origins are the web origins ("https://clinic.example") whose pages may
	// connect. Empty means that a page may connect to the host it came from.
	// Clients that send no Origin, which no browser does, are let in: what counts
	// is the grant, and no cookie is read.
	Origins []string
	// MaxMessage is the longest message taken from a client, in bytes.
	MaxMessage int
	// HelloTimeout is how long a socket may stay without a valid hello.
	HelloTimeout time.Duration
	// Heartbeat is the silence after which a client is pinged; a socket without a pong within
	// that time is dropped.
	Heartbeat time.Duration
	// WriteTimeout bounds one write to a socket.
	WriteTimeout time.Duration
	// ResumeWindow is how long a session outlives its lost socket.
	ResumeWindow time.Duration
	// GoneWindow is the shorter time after a socket that said "going away", as a
	// browser's page does on reload or when it is closed.
	GoneWindow time.Duration
	// QueueMessages and QueueBytes bound what waits to be written to one socket.
	QueueMessages int
	QueueBytes    int
	// RingEvents and RingBytes bound the events kept per session for a resume.
	RingEvents int
	RingBytes  int
	// Rate and Burst limit messages per connection, per second; OfferRate and
	// OfferBurst limit those that carry an SDP.
	Rate, Burst           float64
	OfferRate, OfferBurst float64
	// MaxSessions bounds the sessions of this server, MaxPending the sockets that have
	// none.
	MaxSessions, MaxPending int
	// ChatMax is the longest chat text in bytes.
	ChatMax int
	// ChatTimeout bounds one call of Chat.
	ChatTimeout time.Duration
}

// DefaultConfig returns the limits that docs/protocol.md promises.
func DefaultConfig() Config {
	return Config{
		MaxMessage:    64 << 10,
		HelloTimeout:  10 * time.Second,
		Heartbeat:     15 * time.Second,
		WriteTimeout:  10 * time.Second,
		ResumeWindow:  60 * time.Second,
		GoneWindow:    10 * time.Second,
		QueueMessages: 256,
		QueueBytes:    1 << 20,
		RingEvents:    192,
		RingBytes:     768 << 10,
		Rate:          50,
		Burst:         100,
		OfferRate:     2,
		OfferBurst:    10,
		MaxSessions:   20_000,
		MaxPending:    1000,
		ChatMax:       8 << 10,
		ChatTimeout:   10 * time.Second,
	}
}

// Validate names the first key that can't work.
func (c Config) Validate() error {
	for _, o := range c.Origins {
		if u, err := url.Parse(o); err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("origins: %q is no origin like https://clinic.example", o)
		}
	}
	for _, d := range []struct {
		key  string
		have time.Duration
	}{
		{"hello timeout", c.HelloTimeout},
		{"heartbeat", c.Heartbeat},
		{"write timeout", c.WriteTimeout},
		{"resume window", c.ResumeWindow},
		{"gone window", c.GoneWindow},
		{"chat timeout", c.ChatTimeout},
	} {
		if d.have <= 0 {
			return fmt.Errorf("%s: %s is not above zero", d.key, d.have)
		}
	}
	for _, n := range []struct {
		key  string
		have float64
	}{
		{"max message", float64(c.MaxMessage)},
		{"ring events", float64(c.RingEvents)},
		{"ring bytes", float64(c.RingBytes)},
		{"rate", c.Rate},
		{"burst", c.Burst},
		{"offer rate", c.OfferRate},
		{"offer burst", c.OfferBurst},
		{"max sessions", float64(c.MaxSessions)},
		{"max pending", float64(c.MaxPending)},
		{"chat max", float64(c.ChatMax)},
	} {
		if n.have < 1 {
			return fmt.Errorf("%s: %v is below 1", n.key, n.have)
		}
	}
	// A resume writes the whole ring at once, beside the welcome.
	if c.QueueMessages <= c.RingEvents {
		return fmt.Errorf("queue messages: %d must be more than ring events, %d", c.QueueMessages, c.RingEvents)
	}
	if c.QueueBytes <= c.RingBytes {
		return fmt.Errorf("queue bytes: %d must be more than ring bytes, %d", c.QueueBytes, c.RingBytes)
	}
	return nil
}
