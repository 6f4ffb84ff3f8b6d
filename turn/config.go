package turn

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// maxCredentialTTL bounds how long after Issue a new allocation can be made.
const maxCredentialTTL = 5 * time.Minute

// Config says where the relay listens and what it allows. Start from
// DefaultConfig; New refuses a Config that Validate refuses.
type Config struct {
	// ListenUDP, ListenTCP and ListenTLS are "host:port" addresses; an empty
	// one is off, port 0 takes a free port. At least one is needed.
	ListenUDP string `yaml:"listenUDP"`
	ListenTCP string `yaml:"listenTCP"`
	ListenTLS string `yaml:"listenTLS"`
	// TLSConfig is the certificate source of ListenTLS and required with it.
	TLSConfig *tls.Config `yaml:"-"`

	// Host is the name or address that clients are told in the URLs. Empty
	// means RelayAddress.
	Host string `yaml:"host"`
	// RelayAddress is the address relay sockets are told to be on, in the
	// Allocate response. The sockets are bound to RelayBind.
	RelayAddress netip.Addr `yaml:"relayAddress"`
	// RelayBind is the local address of relay sockets; the unspecified
	// address of RelayAddress's family when unset, so that the kernel picks
	// the address from which the peer is reached.
	RelayBind netip.Addr `yaml:"relayBind"`
	// Realm is the authentication realm of RFC 8489 §9.2.
	Realm string `yaml:"realm"`

	// AllowPeer says which addresses may be relayed to. It sees plain
	// addresses only (IPv4-mapped IPv6 is reduced to IPv4 first; translated,
	// multicast and unspecified forms are refused before it is asked), is
	// called for every packet from several goroutines and must be fast.
	AllowPeer func(netip.AddrPort) bool `yaml:"-"`

	// CredentialTTL is how long after Issue an Allocate is accepted, at most
	// five minutes. What is allocated may be refreshed for as long as it
	// lives.
	CredentialTTL time.Duration `yaml:"credentialTTL"`
	// UnauthenticatedTimeout closes a TCP or TLS connection that has no
	// allocation after this long.
	UnauthenticatedTimeout time.Duration `yaml:"unauthenticatedTimeout"`
	// AllocationsPerIdentity is the quota answered with 486.
	AllocationsPerIdentity int `yaml:"allocationsPerIdentity"`
	// MaxAllocations bounds all allocations together (508 beyond it).
	MaxAllocations int `yaml:"maxAllocations"`
	// MaxPending bounds the stream connections without an allocation; the
	// oldest makes room for the newest. MaxPendingPerAddress bounds those of
	// one client address; the newest is closed.
	MaxPending           int `yaml:"maxPending"`
	MaxPendingPerAddress int `yaml:"maxPendingPerAddress"`
	// RepliesPerSecond bounds the datagrams sent to one IPv4 /24 or IPv6 /64
	// that holds no allocation, against reflection from spoofed sources.
	RepliesPerSecond int `yaml:"repliesPerSecond"`
}

// DefaultConfig listens on the standard port for UDP and TCP. RelayAddress and
// AllowPeer have no default.
func DefaultConfig() Config {
	return Config{
		ListenUDP:              ":3478",
		ListenTCP:              ":3478",
		Realm:                  "consilium",
		CredentialTTL:          4 * time.Minute,
		UnauthenticatedTimeout: 10 * time.Second,
		AllocationsPerIdentity: 4,
		MaxAllocations:         4096,
		MaxPending:             1024,
		MaxPendingPerAddress:   64,
		RepliesPerSecond:       10,
	}
}

// Validate names the first setting that cannot work.
func (c Config) Validate() error {
	for _, l := range []struct{ key, addr string }{
		{"listenUDP", c.ListenUDP}, {"listenTCP", c.ListenTCP}, {"listenTLS", c.ListenTLS},
	} {
		if l.addr == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(l.addr); err != nil {
			return fmt.Errorf("turn.%s: %w", l.key, err)
		}
	}
	if c.ListenUDP == "" && c.ListenTCP == "" && c.ListenTLS == "" {
		return errors.New("turn: none of listenUDP, listenTCP and listenTLS is set")
	}
	if c.Realm == "" {
		return errors.New("turn.realm: empty")
	}
	if c.CredentialTTL < time.Second || c.CredentialTTL > maxCredentialTTL {
		return fmt.Errorf("turn.credentialTTL: %v is not between 1s and %v", c.CredentialTTL, maxCredentialTTL)
	}
	if c.UnauthenticatedTimeout <= 0 {
		return fmt.Errorf("turn.unauthenticatedTimeout: %v is not positive", c.UnauthenticatedTimeout)
	}
	for _, n := range []struct {
		key   string
		value int
	}{
		{"allocationsPerIdentity", c.AllocationsPerIdentity},
		{"maxAllocations", c.MaxAllocations},
		{"maxPending", c.MaxPending},
		{"maxPendingPerAddress", c.MaxPendingPerAddress},
		{"repliesPerSecond", c.RepliesPerSecond},
	} {
		if n.value < 1 {
			return fmt.Errorf("turn.%s: %d is not positive", n.key, n.value)
		}
	}
	return nil
}

// ready checks what Validate cannot: the values that only the running program
// can give, not a file.
func (c Config) ready() error {
	if err := c.Validate(); err != nil {
		return err
	}
	if c.AllowPeer == nil {
		return errors.New("turn: AllowPeer is not set")
	}
	if !c.RelayAddress.IsValid() || c.RelayAddress.IsUnspecified() {
		return errors.New("turn.relayAddress: not an address that a client could be told")
	}
	if c.ListenTLS != "" && c.TLSConfig == nil {
		return errors.New("turn.listenTLS: no certificate is configured")
	}
	return nil
}
