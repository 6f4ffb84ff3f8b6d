package webpush

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// Errors that a caller acts on.
var (
	ErrGone      = errors.New("the device wants no more")          // forget it
	ErrForbidden = errors.New("no address of a push service's")    // forget it: it can never work
	errRefused   = errors.New("the push service refused the push") // of this time
)

// Options of a Sender. The zero value reaches public addresses only.
type Options struct {
	// Allow admits addresses that are not public, for tests.
	Allow func(netip.Addr) bool
	// TLS replaces the system's trust, for tests.
	TLS *tls.Config
}

// Sender talks to push services. It is safe for concurrent use.
type Sender struct{ client *http.Client }

// NewSender returns a sender. An endpoint comes from a browser, so it may name anything:
// only HTTPS to public addresses is spoken, checked at the connection itself, so that a
// name can't resolve to something else in between; and no redirect is followed.
func NewSender(o Options) *Sender {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrForbidden, err)
		}
		if a := at.Addr().Unmap(); !public(a) && (o.Allow == nil || !o.Allow(a)) {
			return ErrForbidden
		}
		return nil
	}}
	return &Sender{&http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, TLSClientConfig: o.TLS, ForceAttemptHTTP2: true,
			MaxIdleConns: 20, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close drops the connections that are kept.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// CheckEndpoint says what is wrong with an endpoint's form.
func CheckEndpoint(endpoint string) error {
	at, err := url.Parse(endpoint)
	if err != nil || at.Scheme != "https" || at.Host == "" || at.User != nil || at.Fragment != "" || len(endpoint) > 1000 {
		return ErrForbidden
	}
	return nil
}

// Push is a message and how long it is worth delivering.
type Push struct {
	Message []byte
	Life    time.Duration
	Contact string // mailto: or https: of the server's operator
}

// Send hands a push to the device's service. ErrGone and ErrForbidden mean that the
// device is to be forgotten.
func (s *Sender) Send(ctx context.Context, key *Key, d *Device, p Push, now time.Time) error {
	if err := CheckEndpoint(d.Endpoint); err != nil {
		return err
	}
	body, err := seal(d, p.Message)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Endpoint, bytes.NewReader(body))
	if err != nil {
		return ErrForbidden
	}
	auth, err := key.authorization(req.URL.Scheme+"://"+req.URL.Host, p.Contact, now)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", auth)
	req.Header.Set("Content-Encoding", "aes128gcm")
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("TTL", strconv.Itoa(int(p.Life.Seconds())))
	req.Header.Set("Urgency", "high")
	answer, err := s.client.Do(req)
	if err != nil {
		if errors.Is(err, ErrForbidden) {
			return ErrForbidden
		}
		// The error names the endpoint, which is the device's secret.
		return errRefused
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4<<10)) // so that the connection can be kept
	switch {
	case answer.StatusCode/100 == 2:
		return nil
	case answer.StatusCode == http.StatusNotFound, answer.StatusCode == http.StatusGone:
		return ErrGone
	}
	return fmt.Errorf("%w: status %d", errRefused, answer.StatusCode)
}

// public reports whether an address is one of the open internet.
func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// special are ranges that netip counts as global unicast and that no push service is in
// (IANA special-purpose registries).
func special() []netip.Prefix {
	texts := []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
		"fec0::/10",
	}
	out := make([]netip.Prefix, 0, len(texts))
	for _, t := range texts {
		if p, err := netip.ParsePrefix(t); err == nil {
			out = append(out, p)
		}
	}
	return out
}
