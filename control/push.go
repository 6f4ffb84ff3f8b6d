package control

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"consilium/control/webpush"
	"consilium/store"
)

// pushDevice is a browser that a member of staff wants to be woken at. Its id is the
// hash of the endpoint.
type pushDevice struct {
	store.Revised
	ID       string
	Account  AccountID
	Session  SessionID
	Endpoint string
	Key      []byte
	Auth     []byte
	Since    time.Time
}

// maxPushDevices bounds the devices of one account; the oldest give way.
const maxPushDevices = 10

// PushDevice is what a browser's PushManager gives to the page.
type PushDevice struct {
	Endpoint, Key, Auth string // keys in unpadded base64url
}

// PushKey returns the key that pages subscribe with, making it at the first time.
func (s *Emergencies) PushKey(ctx context.Context, who Actor) (string, error) {
	if err := s.authorize(who, OpSetPush); err != nil {
		return "", err
	}
	key, err := s.pushKey(ctx, who.Clinic)
	if err != nil {
		return "", err
	}
	return key.Public(), nil
}

// pushKeyID is where a clinic's push key is kept, sealed like every record.
const pushKeyID = "push"

func (c *core) pushKey(ctx context.Context, clinic ClinicID) (*webpush.Key, error) {
	var kept clinicKey
	load := func(u *unit) (err error) {
		kept, _, err = u.t.keys.Get(u, u.scope, pushKeyID)
		return err
	}
	err := c.view(ctx, System(clinic), load)
	if errors.Is(err, store.ErrNotFound) {
		_, der, err := webpush.NewKey()
		if err != nil {
			return nil, err
		}
		err = c.update(ctx, System(clinic), func(u *unit) error {
			if err := load(u); !errors.Is(err, store.ErrNotFound) {
				return err // made meanwhile, or a real failure
			}
			kept = clinicKey{ID: pushKeyID, KeyPEM: der}
			if _, err := u.t.keys.Put(u, u.scope, &kept, 0); err != nil {
				return err
			}
			return u.audit("clinic.key", "clinic", u.scope, "push")
		})
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return webpush.ParseKey(kept.KeyPEM)
}

// Subscribe wakes the actor at this device from now on, as long as they stay signed in.
func (s *Emergencies) Subscribe(ctx context.Context, who Actor, d PushDevice) error {
	if err := s.authorize(who, OpSetPush); err != nil {
		return err
	}
	fresh, err := newPushDevice(d)
	if err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		v := *fresh
		v.Account, v.Session, v.Since = who.Account, who.Session, u.now
		devices, err := u.devicesOf(who.Account)
		if err != nil {
			return err
		}
		if len(devices) >= maxPushDevices {
			oldest := devices[0]
			for _, one := range devices {
				if one.Since.Before(oldest.Since) {
					oldest = one
				}
			}
			if err := u.forgetDevice(oldest.ID); err != nil {
				return err
			}
		}
		if _, err := u.t.pushDevices.Put(u, u.scope, &v, store.Any); err != nil {
			return err
		}
		return u.audit("push.on", "account", string(who.Account), "")
	})
}

func newPushDevice(d PushDevice) (*pushDevice, error) {
	if err := webpush.CheckEndpoint(d.Endpoint); err != nil {
		return nil, invalid("/endpoint", "not the address of a push service")
	}
	out := &pushDevice{ID: hashToken(d.Endpoint), Endpoint: d.Endpoint}
	var err error
	if out.Key, err = base64.RawURLEncoding.DecodeString(d.Key); err != nil {
		return nil, invalid("/key", "not base64url")
	}
	if out.Auth, err = base64.RawURLEncoding.DecodeString(d.Auth); err != nil {
		return nil, invalid("/auth", "not base64url")
	}
	if err := out.device().Check(); err != nil {
		return nil, invalid("/key", "not the keys of a browser")
	}
	return out, nil
}

func (v *pushDevice) device() *webpush.Device {
	return &webpush.Device{Endpoint: v.Endpoint, Key: v.Key, Auth: v.Auth}
}

// Unsubscribe lets the actor's devices of this session sleep.
func (s *Emergencies) Unsubscribe(ctx context.Context, who Actor) error {
	if err := s.authorize(who, OpSetPush); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		if err := u.forgetDevices(who.Session); err != nil {
			return err
		}
		return u.audit("push.off", "account", string(who.Account), "")
	})
}

func (u *unit) devicesOf(account AccountID) ([]pushDevice, error) {
	return u.devices(u.t.pushByAccount, string(account))
}

func (u *unit) devices(index *store.Index[pushDevice], of string) ([]pushDevice, error) {
	var out []pushDevice
	for v, err := range u.t.pushDevices.Where(u, u.scope, index, store.Text(of)) {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (u *unit) forgetDevice(id string) error {
	err := u.t.pushDevices.Delete(u, u.scope, id, store.Any)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// forgetDevices forgets the devices that a session subscribed: what is signed out is
// not woken.
func (u *unit) forgetDevices(session SessionID) error {
	devices, err := u.devices(u.t.pushBySession, string(session))
	if err != nil {
		return err
	}
	for _, v := range devices {
		if err := u.forgetDevice(v.ID); err != nil {
			return err
		}
	}
	return nil
}

// pushTo wakes a doctor's devices after the commit. A push is worth no more than the
// offer behind it, so it is not kept for later: one that is lost is followed by the
// next offer's.
func (u *unit) pushTo(to PractitionerID, life time.Duration) error {
	doctor, err := u.practitioner(to)
	if err != nil {
		return err
	}
	account, err := u.account(doctor.Account)
	if err != nil {
		return err
	}
	devices, err := u.devicesOf(account.ID)
	if err != nil {
		return err
	}
	for _, v := range devices {
		u.pushes = append(u.pushes, push{ClinicID(u.scope), v, life, account.Locale})
	}
	return nil
}

// push is one message on its way to one device.
type push struct {
	clinic ClinicID
	to     pushDevice
	life   time.Duration
	locale string
}

// pusher holds what is to be pushed. It is bounded: what does not fit is dropped and
// counted.
type pusher struct {
	sender  *webpush.Sender
	waiting chan push
	dropped atomic.Uint64
	sent    atomic.Uint64
}

const (
	pushQueue   = 256
	pushWorkers = 4
)

func newPusher(o webpush.Options) *pusher {
	return &pusher{sender: webpush.NewSender(o), waiting: make(chan push, pushQueue)}
}

func (p *pusher) add(all []push) {
	for _, one := range all {
		select {
		case p.waiting <- one:
		default:
			p.dropped.Add(1)
		}
	}
}

// runPushes sends until ctx ends, and returns when all its workers have.
func (c *Control) runPushes(ctx context.Context) {
	var wg sync.WaitGroup
	for range pushWorkers {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case one := <-c.pusher.waiting:
					c.guarded(func() {
						if err := c.sendPush(ctx, one); err != nil && ctx.Err() == nil {
							c.log.Warn("push failed", "error", err)
						}
					})
				}
			}
		})
	}
	wg.Wait()
	c.pusher.sender.Close()
}

// pushWords are all that a push says: whoever sees the lock screen learns nothing.
func pushWords(locale string) string {
	if locale == "ru" {
		return `{"title":"Пациенту нужна помощь","body":"Откройте, чтобы ответить"}`
	}
	return `{"title":"A patient needs help now","body":"Open to answer"}`
}

func (c *core) sendPush(ctx context.Context, p push) error {
	key, err := c.pushKey(ctx, p.clinic)
	if err != nil {
		return err
	}
	err = c.pusher.sender.Send(ctx, key, p.to.device(), webpush.Push{
		Message: []byte(pushWords(p.locale)), Life: p.life, Contact: c.pushContact(),
	}, c.clock())
	if errors.Is(err, webpush.ErrGone) || errors.Is(err, webpush.ErrForbidden) {
		return c.update(ctx, System(p.clinic), func(u *unit) error { return u.forgetDevice(p.to.ID) })
	}
	if err == nil {
		c.pusher.sent.Add(1)
	}
	return err
}

// pushContact is whom a push service may write to about this server (RFC 8292,
// section 2.1): its own address, where there is one that the world can reach.
func (c *core) pushContact() string {
	if strings.HasPrefix(c.cfg.PublicURL, "https://") {
		return c.cfg.PublicURL
	}
	return "https://consilium.invalid"
}
