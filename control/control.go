package control

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"consilium/internal/grant"
	"consilium/store"
)

// Deps are what control stands on. All but Rooms, ICE and Clock are required.
type Deps struct {
	DB     store.DB
	Blobs  Blobs
	Grants Grants
	// Rooms is the live side; without it (or before Attach) orders to rooms are
	// dropped and counted.
	Rooms Rooms
	// ICE returns the STUN and TURN servers for one person, with credentials.
	ICE func(identity string) []ICEServer
	// Clock is the time; time.Now by default.
	Clock func() time.Time
}

// Blobs keeps files; store.Blobs does. A file is durable when Put returns.
type Blobs interface {
	Put(ctx context.Context, r io.Reader) (id string, size int64, sha256 string, err error)
	Open(ctx context.Context, id string) (io.ReadCloser, error)
	Delete(ctx context.Context, id string) error
}

// Grants signs the tickets that the live side redeems; *grant.Keeper does.
type Grants interface {
	Sign(grant.Grant) (string, error)
}

// Rooms is the live side as control sees it: orders to rooms and news to pages.
// Its methods must not block and must not call back into control.
type Rooms interface {
	Admit(room, identity string) error
	Evict(room, identity, reason string)
	CloseRoom(room, reason string)
	PublishChat(room string, m Message)
	Publish(topic, kind, id string, version uint64)
	RevokeSession(session string)
}

// ICEServer is a STUN or TURN server and its credentials.
type ICEServer struct {
	URLs       []string
	Username   string
	Credential string
}

// Control is the clinic's rules over one store: a service per noun, safe for
// concurrent use.
type Control struct {
	*core
	Sessions     *Sessions
	Clinics      *Clinics
	Patients     *Patients
	Appointments *Appointments
	Encounters   *Encounters
	Documents    *Documents
	Compositions *Compositions
	Audit        *Audit
}

// New checks cfg and deps and returns a Control that serves at once; Run drives
// its timers and side effects.
func New(cfg Config, deps Deps, log *slog.Logger) (*Control, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.DB == nil || deps.Blobs == nil || deps.Grants == nil {
		return nil, errors.New("control needs DB, Blobs and Grants")
	}
	if deps.Clock == nil {
		deps.Clock = time.Now
	}
	if deps.ICE == nil {
		deps.ICE = func(string) []ICEServer { return nil }
	}
	c := &core{
		cfg: cfg, db: deps.DB, blobs: deps.Blobs, grants: deps.Grants,
		ice: deps.ICE, clock: deps.Clock, log: log,
	}
	ctl := &Control{core: c}
	if deps.Rooms != nil {
		ctl.Attach(deps.Rooms)
	}
	return ctl, nil
}

// Attach gives control the live side, which is built after it.
func (c *Control) Attach(r Rooms) { c.rooms.Store(&r) }

// Run drives the outbox and the timers until ctx ends, and returns when all that
// it started has ended.
func (c *Control) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// SeedDemo fills an empty store with the demo clinic, keeps what a former start
// left, makes sure that one consultation is due now, and returns new sign-in
// links. publicURL has no trailing slash.
func (c *Control) SeedDemo(ctx context.Context, publicURL string) (Links, error) {
	return Links{}, nil
}
