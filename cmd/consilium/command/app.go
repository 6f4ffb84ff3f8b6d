package command

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"consilium/configs"
	"consilium/control"
	"consilium/control/api"
	"consilium/control/notify"
	"consilium/control/scan"
	"consilium/internal/grant"
	"consilium/sfu"
	"consilium/signaling"
	"consilium/turn"
	"consilium/web"
)

// app is the whole server: every part, built in the order in which they need each other
// and closed in the reverse.
type app struct {
	log       *slog.Logger
	grace     time.Duration
	publicURL string

	listener net.Listener
	storage  *storage
	admin    *admin
	sfu      *sfu.SFU
	relay    *turn.Server // nil when turned off
	senders  senders
	control  *control.Control
	signal   *signaling.Server
	http     *http.Server
	heads    *heads // nil when they are kept nowhere
	ready    readiness

	closers []func() error // in the order of building
}

// newApp builds the server and opens its ports; nothing is served before run. With an
// error everything that was opened is closed again.
func newApp(ctx context.Context, cfg configs.Config, demo bool, log *slog.Logger) (_ *app, err error) {
	a := &app{log: log, grace: cfg.Stop.Grace}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	a.listener, err = net.Listen("tcp", cfg.HTTP.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for http: %w", err)
	}
	a.onClose(func() error { return ignoreClosed(a.listener.Close()) })
	public, err := publicURL(cfg, a.listener.Addr())
	if err != nil {
		return nil, err
	}
	a.publicURL = public.String()

	a.storage, err = openStorage(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	a.onClose(a.storage.close)
	if a.admin, err = newAdmin(cfg.Data, a.storage, log); err != nil {
		return nil, err
	}
	a.onClose(func() error { return ignoreClosed(a.admin.listener.Close()) })

	interfaces, err := interfaceAddrs()
	if err != nil {
		return nil, err
	}
	announce, err := announced(cfg.Media, public, interfaces)
	if err != nil {
		return nil, err
	}
	if err := a.openMedia(cfg, announce); err != nil {
		return nil, err
	}
	if cfg.TURN.Enabled {
		if err := a.openRelay(cfg.TURN, relayHost(cfg.TURN, public, announce), announce); err != nil {
			return nil, err
		}
	}

	grants, err := grant.NewKeeper(time.Now)
	if err != nil {
		return nil, fmt.Errorf("make the key of join grants: %w", err)
	}
	rules := control.DefaultConfig()
	rules.Demo = demo
	rules.PublicURL = a.publicURL
	rules.MailFrom = mailFrom(cfg.Mail, public)
	rules.HoldTTL, rules.HoldMax, rules.OfferTTL = cfg.Booking.Hold, 2*cfg.Booking.Hold, cfg.Booking.Offer
	scanner, err := fileScanner(cfg.Files)
	if err != nil {
		return nil, err
	}
	if a.senders, err = newSenders(cfg, demo); err == nil {
		err = a.senders.openFolder()
	}
	if err != nil {
		return nil, err
	}
	a.control, err = control.New(rules, control.Deps{
		DB: a.storage.db, Blobs: a.storage.blobs, Shredder: shredder{a.storage}, Grants: grants, Scanner: scanner, Sender: a.senders, ICE: a.iceServers,
	}, log)
	if err != nil {
		return nil, err
	}
	a.admin.serveOperator(&operator{a.control, a.publicURL})
	redeemer, err := redeemers(grants, cfg.LoadTest.Key)
	if err != nil {
		return nil, err
	}
	signals := signaling.DefaultConfig()
	signals.Origins = []string{a.publicURL}
	a.signal, err = signaling.New(signals, signaling.Deps{
		Media: signaling.OverSFU(a.sfu), Grants: redeemer, Observer: observer{a.control}, Chat: chat{a.control},
	}, log)
	if err != nil {
		return nil, err
	}
	if cfg.Audit.HeadFile != "" {
		if a.heads, err = newHeads(ctx, cfg.Audit.HeadFile, a.control, log); err != nil {
			return nil, err
		}
	}
	a.control.Attach(rooms{signal: a.signal, relay: a.relay})

	return a, a.openHTTP(cfg.HTTP)
}

// fileScanner is the operator's virus scanner; nil when there is none.
func fileScanner(cfg configs.Files) (control.Scanner, error) {
	if cfg.Scanner == "" {
		return nil, nil
	}
	scanner, err := scan.New(cfg.Scanner)
	if err != nil {
		return nil, fmt.Errorf("%w: files.scanner: %w", configs.ErrInvalid, err)
	}
	return scanner, nil
}

func (a *app) openMedia(cfg configs.Config, announce []netip.Addr) error {
	media := sfu.DefaultConfig()
	media.Listen = cfg.Media.Listen
	media.Announce = announce
	var err error
	if a.sfu, err = sfu.New(media, a.log); err != nil {
		return err
	}
	a.onClose(a.sfu.Close)
	return nil
}

func (a *app) openRelay(cfg configs.TURN, host string, announce []netip.Addr) error {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	relay := turn.DefaultConfig()
	relay.ListenUDP, relay.ListenTCP = cfg.UDP, cfg.TCP
	relay.Host = host
	relay.RelayAddress = announce[0]
	relay.AllowPeer = onlyMedia(announce, a.sfu.Addr().Port())
	var err error
	if a.relay, err = turn.New(relay, secret, a.log); err != nil {
		return err
	}
	a.onClose(a.relay.Close)
	return nil
}

// onlyMedia is the relay's peer policy: this server's media port, and nothing else.
func onlyMedia(announce []netip.Addr, port uint16) func(netip.AddrPort) bool {
	allowed := map[netip.AddrPort]bool{}
	for _, addr := range announce {
		allowed[netip.AddrPortFrom(addr, port)] = true
	}
	return func(peer netip.AddrPort) bool { return allowed[peer] }
}

func (a *app) openHTTP(cfg configs.HTTP) error {
	proxies, err := cfg.Proxies()
	if err != nil {
		return fmt.Errorf("http.trustedProxies: %w", err)
	}
	mux := http.NewServeMux()
	face := api.New(a.control, api.Config{PublicURL: a.publicURL, Version: buildVersion().Version, TrustedProxies: proxies}, a.log)
	mux.Handle("/api/", face)
	mux.Handle("/ical/", face)
	mux.Handle("/ws", a.signal)
	ops := opsHandler(&a.ready, newWriteCheck(a.storage.db).check, metricsHandler(newPartsCollector(a)))
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		mux.Handle(path, ops)
	}
	mux.Handle("/", web.Handler(web.Options{HSTS: strings.HasPrefix(a.publicURL, "https://")}))
	a.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	if cfg.Cert == "" {
		return nil
	}
	cert, err := newCertificate(cfg.Cert, cfg.Key, a.log)
	if err != nil {
		return err
	}
	a.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: cert.Get}
	return nil
}

// run serves until ctx ends or a part fails, then drains and closes everything, within
// the grace that the operator set.
func (a *app) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := a.control.Run(ctx)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return nil // told to stop while it was starting
		}
		return err
	})
	group.Go(a.admin.serve)
	if a.heads != nil {
		group.Go(func() error { return a.heads.run(ctx) })
	}
	group.Go(func() error {
		serve := func() error { return a.http.Serve(a.listener) }
		if a.http.TLSConfig != nil {
			serve = func() error { return a.http.ServeTLS(a.listener, "", "") }
		}
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve http: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return a.drain()
	})
	a.sayUnsent()
	a.ready.set(stateReady)
	a.log.Info("serving", "url", a.publicURL, "media", a.sfu.Addr().String())
	err := group.Wait()
	return errors.Join(err, a.close())
}

// sayUnsent tells the operator what people will not get.
func (a *app) sayUnsent() {
	for channel, key := range map[notify.Channel]string{notify.Email: "mail.host", notify.SMS: "sms.url"} {
		if !a.senders.Carries(channel) {
			a.log.Warn("not set up: codes, invitations and reminders do not go out this way", "channel", string(channel), "key", key)
		}
	}
	if a.senders.folder != "" {
		a.log.Info("messages are written to a folder and not sent", "folder", a.senders.folder)
	}
}

// drain refuses new calls, tells every client, and lets requests end. What does not end
// in time is cut off: the bound is a promise to the operator.
func (a *app) drain() error {
	a.ready.set(stateStopping)
	a.log.Info("stopping", "grace", a.grace)
	ctx, cancel := context.WithTimeout(context.Background(), a.grace)
	defer cancel()
	if err := a.signal.Shutdown(ctx); err != nil {
		a.log.Warn("sockets were cut off", "err", err)
	}
	err := a.http.Shutdown(ctx)
	if err != nil {
		a.log.Warn("requests were cut off", "err", err)
		err = ignoreClosed(a.http.Close())
	}
	// A backup that is being made is cut off too; its file never appears.
	return errors.Join(err, a.admin.server.Close())
}

func (a *app) onClose(fn func() error) { a.closers = append(a.closers, fn) }

// close ends the parts in the reverse order of building, the store last.
func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
