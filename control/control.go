package control

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/control/notify/letter"
	"consilium/control/passkey"
	"consilium/control/webpush"
	"consilium/internal/grant"
	"consilium/store"
)

// Deps are what control stands on. DB, Blobs and Grants are required.
type Deps struct {
	DB     store.DB
	Blobs  store.Blobs
	Grants Grants
	// Scanner looks into files that people send; nil for none.
	Scanner Scanner
	// Rooms is the live side. Before Attach, orders to rooms go nowhere: there
	// are no rooms yet.
	Rooms Rooms
	// ICE returns the STUN and TURN servers for one person, with credentials.
	ICE func(identity string) []ICEServer
	// Sender carries messages to people; without one they are given up. One that has
	// Carries(notify.Channel) bool says which channels the operator has set up.
	Sender notify.Sender
	// Shredder destroys keys; nil where records are not sealed.
	Shredder Shredder
	// Push says which addresses may be pushed to besides public ones, for tests.
	Push webpush.Options
	// Clock is the time; time.Now by default.
	Clock func() time.Time
}

// Grants signs the tickets that the live side redeems; *grant.Keeper does.
type Grants interface {
	Sign(grant.Grant) (string, error)
}

// Rooms is the live side as control sees it: orders to rooms and news to pages.
// They are called after a commit, never inside a transaction; all but Admit must
// not wait for control.
type Rooms interface {
	Admit(room, identity string) error
	CloseRoom(room, reason string)
	PublishChat(room string, m Message)
	Publish(topic, kind, id string, version uint64)
	RevokeSession(session string)
	// Evict puts a person out of a room, for kicked or revoked.
	Evict(room, identity, reason string)
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
	Schedules    *Schedules
	Appointments *Appointments
	Waitlist     *Waitlist
	Encounters   *Encounters
	Documents    *Documents
	Compositions *Compositions
	Audit        *Audit
	Feeds        *Feeds
	Staff        *Staff
	SignIns      *SignIns
	Security     *Security
	Tokens       *Tokens
	Emergencies  *Emergencies
	Invites      *Invites
	Consents     *Consents

	Questionnaires *Questionnaires
	Intakes        *Intakes

	demoPassword string
}

// New checks cfg and deps and returns a Control that serves at once; Run drives
// its timers and side effects.
func New(cfg Config, deps Deps, log *slog.Logger) (*Control, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("control: %w", err)
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
	letters, err := letter.New()
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	passkeys, err := passkey.New(cfg.PublicURL)
	if err != nil {
		log.Info("passkeys are off", "why", err)
	}
	ctl := newControl(&core{
		cfg: cfg, db: deps.DB, blobs: deps.Blobs, scanner: deps.Scanner, shredder: deps.Shredder, grants: deps.Grants, ice: deps.ICE, clock: deps.Clock, log: log,
		passkeys: passkeys, hasher: auth.NewHasher(hashers), limits: newLimits(),
		may: newAllowed(), edges: Edges(), t: newTables(),
		born: deps.Clock(), alarmed: make(chan struct{}, 1),
		inviters: auth.NewThrottle(invitesBurst, inviteEvery, 10_000), invited: auth.NewThrottle(toBurst, toEvery, 10_000),
		rooms: &atomic.Pointer[Rooms]{}, presence: newPresence(), wake: make(chan struct{}, 1),
		sender: deps.Sender, letters: letters, courier: newCourier(), remindNow: make(chan struct{}, 1),
		queueAt: make(chan struct{}, 1), pusher: newPusher(deps.Push),
	})
	if deps.Rooms != nil {
		ctl.Attach(deps.Rooms)
	}
	return ctl, nil
}

func newControl(c *core) *Control {
	return &Control{
		core: c, Sessions: &Sessions{c}, Clinics: &Clinics{c}, Patients: &Patients{c}, Schedules: &Schedules{c}, Appointments: &Appointments{core: c},
		Encounters: &Encounters{c}, Documents: &Documents{c}, Compositions: &Compositions{c}, Audit: &Audit{c}, Feeds: &Feeds{c},
		Staff: &Staff{c}, Waitlist: &Waitlist{c},
		SignIns: &SignIns{c}, Security: &Security{c}, Tokens: &Tokens{c},
		Emergencies: &Emergencies{c},
		Invites:     &Invites{c}, Consents: &Consents{c},
		Questionnaires: &Questionnaires{c}, Intakes: &Intakes{c},
	}
}

// Attach gives control the live side, which is built after it.
func (c *Control) Attach(r Rooms) { c.rooms.Store(&r) }

// Demo reports whether the demo's sign-in links work.
func (c *Control) Demo() bool { return c.cfg.Demo }
