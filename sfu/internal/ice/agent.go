package ice

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/pion/stun/v4"

	"consilium/sfu/internal/udp"
)

// State is how well the client can be reached.
type State uint8

// The states of an Agent.
const (
	Waiting      State = iota // no path selected yet
	Connected                 // a path is selected and the client is heard
	Disconnected              // a path is selected, nothing is heard
	Failed                    // consent is gone, or no path came about in time
)

// String names the state.
func (s State) String() string {
	return [...]string{"waiting", "connected", "disconnected", "failed"}[s&3]
}

// Timing of an agent. The zero value is not usable.
type Timing struct {
	Disconnect time.Duration // silence until Disconnected
	Consent    time.Duration // age of the last consent until Failed (RFC 7675: 30 s)
	Connect    time.Duration // time a first path may take until Failed
}

// The pace of checks on a selected path.
const (
	consentEvery = 5 * time.Second         // RFC 7675 §5.1, randomised by a fifth
	hurryEvery   = 250 * time.Millisecond  // while the client is silent
	hurryBefore  = 800 * time.Millisecond  // this long before it would count as disconnected
	pathSilence  = 1500 * time.Millisecond // a selected path this quiet yields to a checked one
	pathLife     = 30 * time.Second        // a path nothing came from is forgotten
	maxPaths     = 16
	maxPending   = 4
)

// generation is one pair of credentials; a restart begins another.
type generation struct {
	local, remote Credentials
}

type check struct {
	id   [stun.TransactionIDSize]byte
	sent time.Time
}

// path is one address the client was seen at.
type path struct {
	addr      udp.Addr
	gen       *generation
	heard     time.Time // last authentic message
	valid     bool      // a check of ours was answered
	nominated bool
	pending   [maxPending]check
	next      int // place in pending of the next check
}

// Agent is one transport's ICE state. It is not safe for concurrent use.
type Agent struct {
	timing Timing
	gens   []*generation // the last is the newest
	paths  []*path

	selected  *path
	state     State
	started   time.Time
	consented time.Time // last answered check on the selected path
	heard     time.Time // last sign of life from the client
	nextCheck time.Time
	rtt       time.Duration

	msg stun.Message // scratch
}

// New returns an agent that waits for a client with the given credentials.
func New(local, remote Credentials, t Timing, now time.Time) *Agent {
	return &Agent{timing: t, gens: []*generation{{local, remote}}, started: now, heard: now}
}

// Restart begins a new generation of credentials; paths of the former stay in
// use until the client nominates one of the new.
func (a *Agent) Restart(local, remote Credentials, now time.Time) {
	a.drop(a.gens)
	a.gens = append(a.gens, &generation{local, remote})
	a.started = now
	if a.state == Failed {
		a.state, a.selected = Waiting, nil
	}
}

// drop forgets generations and their paths, except the one in use.
func (a *Agent) drop(old []*generation) {
	inUse := func(g *generation) bool { return a.selected != nil && a.selected.gen == g }
	old = slices.DeleteFunc(slices.Clone(old), inUse)
	a.gens = slices.DeleteFunc(a.gens, func(g *generation) bool { return slices.Contains(old, g) })
	a.paths = slices.DeleteFunc(a.paths, func(p *path) bool { return slices.Contains(old, p.gen) })
}

// Ufrags returns the local user fragments in use, oldest first.
func (a *Agent) Ufrags() []string {
	u := make([]string, len(a.gens))
	for i, g := range a.gens {
		u[i] = g.local.Ufrag
	}
	return u
}

// Local and Remote return the newest credentials.
func (a *Agent) Local() Credentials { return a.gens[len(a.gens)-1].local }

// Remote returns the client's newest credentials.
func (a *Agent) Remote() Credentials { return a.gens[len(a.gens)-1].remote }

// State returns the state after the last Handle or Tick.
func (a *Agent) State() State { return a.state }

// Selected returns the address media goes to.
func (a *Agent) Selected() (udp.Addr, bool) {
	if a.selected == nil {
		return udp.Addr{}, false
	}
	return a.selected.addr, true
}

// Best returns the selected address or, before there is one, the address last
// heard from: the handshake need not wait for the nomination.
func (a *Agent) Best() (udp.Addr, bool) {
	if a.selected != nil {
		return a.selected.addr, true
	}
	var best *path
	for _, p := range a.paths {
		if best == nil || p.heard.After(best.heard) {
			best = p
		}
	}
	if best == nil {
		return udp.Addr{}, false
	}
	return best.addr, true
}

// Known reports whether an address has shown the credentials.
func (a *Agent) Known(addr udp.Addr) bool { return a.path(addr) != nil }

// RTT returns the round-trip time of the last answered check, 0 before it.
func (a *Agent) RTT() time.Duration { return a.rtt }

func (a *Agent) path(addr udp.Addr) *path {
	for _, p := range a.paths {
		if p.addr == addr {
			return p
		}
	}
	return nil
}

func (a *Agent) generation(ufrag string) *generation {
	for _, g := range a.gens {
		if g.local.Ufrag == ufrag {
			return g
		}
	}
	return nil
}

// Handle takes a STUN message and appends what is to be sent to out. The bytes
// of p are not kept.
func (a *Agent) Handle(now time.Time, p []byte, from udp.Addr, out []Datagram) ([]Datagram, error) {
	m := &a.msg
	if err := decode(p, m); err != nil {
		return out, err
	}
	switch m.Type.Class {
	case stun.ClassRequest:
		return a.request(now, m, from, out)
	case stun.ClassSuccessResponse:
		return out, a.response(now, m, from)
	default: // an error response, or an indication, which needs no answer
		return out, nil
	}
}

func (a *Agent) request(now time.Time, m *stun.Message, from udp.Addr, out []Datagram) ([]Datagram, error) {
	name, err := m.Get(stun.AttrUsername)
	if err != nil {
		return out, fmt.Errorf("%w: no username", ErrMalformed)
	}
	local, remote, _ := bytes.Cut(name, []byte{':'})
	g := a.generation(string(local))
	if g == nil || string(remote) != g.remote.Ufrag {
		return out, fmt.Errorf("%w: username", ErrUnauthorized)
	}
	if err := stun.NewShortTermIntegrity(g.local.Pwd).Check(m); err != nil {
		return out, fmt.Errorf("%w: %w", ErrUnauthorized, err)
	}
	if u := unknown(m); len(u) > 0 {
		r, err := refuse(m, stun.CodeUnknownAttribute, g.local.Pwd, u)
		return append(out, Datagram{from, r}), err
	}
	if m.Contains(stun.AttrICEControlled) {
		r, err := refuse(m, stun.CodeRoleConflict, g.local.Pwd)
		if err != nil {
			return out, err
		}
		return append(out, Datagram{from, r}), ErrRole
	}
	pt := a.upsert(now, from, g)
	pt.heard, a.heard = now, now
	r, err := respond(m, from, g.local.Pwd)
	if err != nil {
		return out, err
	}
	out = append(out, Datagram{from, r})
	if m.Contains(stun.AttrUseCandidate) {
		pt.nominated = true
	}
	// The triggered check (RFC 8445 §7.3.1.4), until one was answered. It is
	// also what lets a client of Pion's nominate at once.
	if !pt.valid {
		out = a.check(now, pt, out)
	} else if pt != a.selected && a.quiet(now) {
		out = a.check(now, pt, out) // the client seems to have moved: look again
	}
	a.settle(now, pt)
	return out, nil
}

// upsert finds or adds the path of an address; a new one may push out the one
// silent for longest.
func (a *Agent) upsert(now time.Time, addr udp.Addr, g *generation) *path {
	if p := a.path(addr); p != nil {
		if p.gen != g { // same address, new credentials: prove it again
			*p = path{addr: addr, gen: g}
		}
		return p
	}
	p := &path{addr: addr, gen: g, heard: now}
	if len(a.paths) < maxPaths {
		a.paths = append(a.paths, p)
		return p
	}
	oldest := -1
	for i, q := range a.paths {
		if q != a.selected && (oldest < 0 || q.heard.Before(a.paths[oldest].heard)) {
			oldest = i
		}
	}
	a.paths[oldest] = p
	return p
}

func (a *Agent) response(now time.Time, m *stun.Message, from udp.Addr) error {
	pt := a.path(from)
	if pt == nil {
		return ErrUnexpected
	}
	for i := range pt.pending {
		c := &pt.pending[i]
		if c.sent.IsZero() || c.id != m.TransactionID {
			continue
		}
		if err := stun.NewShortTermIntegrity(pt.gen.remote.Pwd).Check(m); err != nil {
			return fmt.Errorf("%w: %w", ErrUnauthorized, err)
		}
		a.rtt = now.Sub(c.sent)
		*c = check{}
		pt.valid, pt.heard, a.heard = true, now, now
		if pt == a.selected {
			a.consented = now
			a.nextCheck = now.Add(jitter(consentEvery))
		} else if a.selected != nil && a.quiet(now) && pt.gen == a.gens[len(a.gens)-1] {
			pt.nominated = true // the old path is dead and this one is proved
		}
		a.settle(now, pt)
		return nil
	}
	return ErrUnexpected
}

// quiet reports that the selected path brought nothing for a while.
func (a *Agent) quiet(now time.Time) bool {
	return a.selected != nil && now.Sub(a.selected.heard) > pathSilence
}

// check sends a check on a path.
func (a *Agent) check(now time.Time, p *path, out []Datagram) []Datagram {
	c := &p.pending[p.next%maxPending]
	p.next++
	_, _ = rand.Read(c.id[:]) // never fails (crypto/rand)
	c.sent = now
	b, err := request(c.id, p.gen.local, p.gen.remote)
	if err != nil {
		return out
	}
	return append(out, Datagram{p.addr, b})
}

// settle selects a path that is both nominated and valid, and brings the state
// up to date after a sign of life.
func (a *Agent) settle(now time.Time, p *path) {
	if p.nominated && p.valid && (a.selected == nil || !a.newer(a.selected.gen, p.gen)) {
		if p != a.selected {
			if a.selected != nil {
				a.selected.nominated = false // may be nominated again
			}
			a.selected = p
			a.consented = now
			a.nextCheck = now.Add(jitter(consentEvery))
		}
		for a.gens[0] != p.gen {
			a.drop(a.gens[:1])
		}
	}
	if a.selected != nil && a.state != Failed {
		a.state = Connected
	}
}

// newer reports that generation x began after y.
func (a *Agent) newer(x, y *generation) bool {
	return slices.Index(a.gens, x) > slices.Index(a.gens, y)
}

// Heard tells that authentic media came from the selected address.
func (a *Agent) Heard(at time.Time) {
	if a.selected == nil || !at.After(a.heard) {
		return
	}
	a.heard, a.selected.heard = at, at
	if a.state == Disconnected {
		a.state = Connected
	}
}

// Tick does what time alone brings about and appends what is to be sent to out.
// It wants to be called about every 250 ms.
func (a *Agent) Tick(now time.Time, out []Datagram) []Datagram {
	if a.state == Failed {
		return out
	}
	if a.selected == nil {
		if now.Sub(a.started) > a.timing.Connect {
			a.state = Failed
		}
		return out
	}
	silent := now.Sub(a.heard)
	switch {
	case now.Sub(a.consented) >= a.timing.Consent:
		a.state = Failed
		return out
	case silent >= a.timing.Disconnect:
		a.state = Disconnected
	}
	if silent >= a.timing.Disconnect-hurryBefore && a.nextCheck.Sub(now) > hurryEvery {
		a.nextCheck = now
	}
	if !now.Before(a.nextCheck) {
		out = a.check(now, a.selected, out)
		every := jitter(consentEvery)
		if silent >= a.timing.Disconnect-hurryBefore {
			every = hurryEvery
		}
		a.nextCheck = now.Add(every)
	}
	paths := a.paths[:0]
	for _, p := range a.paths {
		if p == a.selected || now.Sub(p.heard) < pathLife {
			paths = append(paths, p)
		}
	}
	a.paths = paths
	return out
}

// jitter spreads an interval by a fifth to either side (RFC 7675 §5.1).
func jitter(d time.Duration) time.Duration {
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return d*4/5 + d*2/5*time.Duration(b[0])/255
}

// Doubt makes the agent find out soon whether the client is still there.
func (a *Agent) Doubt(now time.Time) {
	if a.selected == nil {
		return
	}
	if early := now.Add(hurryBefore - a.timing.Disconnect); early.Before(a.heard) {
		a.heard = early
	}
	a.nextCheck = now
}
