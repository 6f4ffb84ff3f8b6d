package command

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateCheck is how often, at most, the files are looked at.
const certificateCheck = 5 * time.Second

// certificate serves a TLS certificate from files and takes a renewed one without a
// restart: no call is dropped for it.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex // guards the following
	current *tls.Certificate
	changed time.Time // newest modification time of the files that are loaded
	looked  time.Time
}

// newCertificate loads the pair, so that a wrong one stops the start and not a visit.
func newCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	changed, err := c.modified()
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	if err := c.load(changed); err != nil {
		return nil, fmt.Errorf("load the certificate: %w", err)
	}
	return c, nil
}

// Get is [tls.Config.GetCertificate]. A pair that cannot be read keeps the one before.
func (c *certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.looked) < certificateCheck {
		return c.current, nil
	}
	c.looked = now
	changed, err := c.modified()
	if err == nil && changed.Equal(c.changed) {
		return c.current, nil
	}
	if err == nil {
		err = c.load(changed)
	}
	if err != nil {
		c.log.Error("certificate not renewed, the one before stays", "err", err)
	} else {
		c.log.Info("certificate renewed", "notAfter", c.current.Leaf.NotAfter)
	}
	return c.current, nil
}

func (c *certificate) load(changed time.Time) error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current, c.changed = &pair, changed
	return nil
}

func (c *certificate) modified() (time.Time, error) {
	var newest time.Time
	for _, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return time.Time{}, err
		}
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest, nil
}
