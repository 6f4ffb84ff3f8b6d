package ice

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"consilium/sfu/internal/udp"
)

var (
	start  = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	server = Credentials{"srvufrag", "srvpassword-srvpassword"}
	other  = Credentials{"cliufrag", "clipassword-clipassword"}
	timing = Timing{Disconnect: 3 * time.Second, Consent: 30 * time.Second, Connect: 30 * time.Second}
	home   = udp.FromAddrPort(netip.MustParseAddrPort("192.0.2.1:4000"))
	mobile = udp.FromAddrPort(netip.MustParseAddrPort("[2001:db8::7]:5000"))
)

// peer is the client's side of an agent under test.
type peer struct {
	t      *testing.T
	a      *Agent
	now    time.Time
	local  Credentials // the client's
	remote Credentials // what it believes the server's to be
	mute   bool        // answers no checks
	got    []*stun.Message
}

func newPeer(t *testing.T) *peer {
	return &peer{t: t, a: New(server, other, timing, start), now: start, local: other, remote: server}
}

type attr struct {
	t stun.AttrType
	v []byte
}

func (a attr) AddTo(m *stun.Message) error { m.Add(a.t, a.v); return nil }

// check sends a binding request and lets the client answer what comes back.
func (p *peer) check(from udp.Addr, more ...stun.Setter) error {
	p.t.Helper()
	set := append([]stun.Setter{stun.TransactionID, stun.BindingRequest, stun.NewUsername(p.remote.Ufrag + ":" + p.local.Ufrag)}, more...)
	set = append(set, stun.NewShortTermIntegrity(p.remote.Pwd), stun.Fingerprint)
	m, err := stun.Build(set...)
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := p.a.Handle(p.now, m.Raw, from, nil)
	p.deliver(out)
	return err
}

// deliver is what the network and the client do with the agent's messages.
func (p *peer) deliver(out []Datagram) {
	p.t.Helper()
	for _, d := range out {
		m := new(stun.Message)
		if err := stun.Decode(d.Data, m); err != nil {
			p.t.Fatal(err)
		}
		p.got = append(p.got, m)
		if m.Type != stun.BindingRequest || p.mute {
			continue
		}
		if err := stun.NewShortTermIntegrity(p.local.Pwd).Check(m); err != nil {
			p.t.Errorf("the server's check: %v", err)
		}
		r, err := stun.Build(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess, stun.NewShortTermIntegrity(p.local.Pwd), stun.Fingerprint)
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := p.a.Handle(p.now, r.Raw, d.To, nil); err != nil {
			p.t.Errorf("the client's answer: %v", err)
		}
	}
}

func (p *peer) nominate(from udp.Addr) error { return p.check(from, attr{stun.AttrUseCandidate, nil}) }

// wait lets time pass, with media coming or not.
func (p *peer) wait(d time.Duration, media bool) {
	for end := p.now.Add(d); p.now.Before(end); {
		p.now = p.now.Add(200 * time.Millisecond)
		if media {
			p.a.Heard(p.now)
		}
		p.deliver(p.a.Tick(p.now, nil))
	}
}

func (p *peer) at(addr udp.Addr, s State) {
	p.t.Helper()
	if got, _ := p.a.Selected(); got != addr || p.a.State() != s {
		p.t.Fatalf("path %v is %v, want %v %v", got, p.a.State(), addr, s)
	}
}

func TestNomination(t *testing.T) {
	p := newPeer(t)
	if err := p.check(home); err != nil {
		t.Fatal(err)
	}
	p.at(udp.Addr{}, Waiting)
	if best, ok := p.a.Best(); !ok || best != home || !p.a.Known(home) {
		t.Error("the handshake has no way")
	}
	var x stun.XORMappedAddress
	if p.got[0].Type != stun.BindingSuccess || x.GetFrom(p.got[0]) != nil || x.Port != 4000 || x.IP.String() != "192.0.2.1" {
		t.Errorf("answer %v %v", p.got[0], x)
	}
	if p.got[1].Type != stun.BindingRequest || !p.got[1].Contains(stun.AttrICEControlled) {
		t.Errorf("no triggered check: %v", p.got[1])
	}
	if err := p.nominate(home); err != nil {
		t.Fatal(err)
	}
	p.at(home, Connected)
	// A second address, over IPv6, takes over when nominated.
	if err := p.nominate(mobile); err != nil {
		t.Fatal(err)
	}
	p.at(mobile, Connected)
}

func TestUncheckedPathIsNotSelected(t *testing.T) {
	p := newPeer(t)
	p.mute = true
	if err := p.nominate(home); err != nil {
		t.Fatal(err)
	}
	p.at(udp.Addr{}, Waiting)
	p.wait(31*time.Second, false)
	p.at(udp.Addr{}, Failed)
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit func(*peer)
		more []stun.Setter
		err  error
		code stun.ErrorCode // 0: no answer at all
	}{
		{"wrong password", func(p *peer) { p.remote.Pwd = "wrongpassword-wrongpass" }, nil, ErrUnauthorized, 0},
		{"wrong fragment", func(p *peer) { p.remote.Ufrag = "someone" }, nil, ErrUnauthorized, 0},
		{"wrong remote fragment", func(p *peer) { p.local.Ufrag = "someone" }, nil, ErrUnauthorized, 0},
		{"role conflict", nil, []stun.Setter{attr{stun.AttrICEControlled, make([]byte, 8)}}, ErrRole, stun.CodeRoleConflict},
		{"unknown attribute", nil, []stun.Setter{attr{0x7000, []byte{1}}}, nil, stun.CodeUnknownAttribute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPeer(t)
			if tc.edit != nil {
				tc.edit(p)
			}
			if err := p.check(home, tc.more...); !errors.Is(err, tc.err) {
				t.Errorf("%v, want %v", err, tc.err)
			}
			if p.a.Known(home) {
				t.Error("the address counts as the client's")
			}
			if tc.code == 0 {
				if len(p.got) > 0 {
					t.Errorf("answered %v", p.got[0])
				}
				return
			}
			var code stun.ErrorCodeAttribute
			if len(p.got) != 1 || code.GetFrom(p.got[0]) != nil || code.Code != tc.code {
				t.Errorf("answered %v", p.got)
			}
		})
	}
}

func TestStrayResponses(t *testing.T) {
	p := newPeer(t)
	if err := p.check(home); err != nil {
		t.Fatal(err)
	}
	r, err := stun.Build(stun.TransactionID, stun.BindingSuccess, stun.NewShortTermIntegrity(other.Pwd), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []udp.Addr{home, mobile} {
		if _, err := p.a.Handle(p.now, r.Raw, from, nil); !errors.Is(err, ErrUnexpected) {
			t.Errorf("%v: %v", from, err)
		}
	}
}

func TestConsent(t *testing.T) {
	p := newPeer(t)
	_ = p.nominate(home)
	p.wait(2*time.Minute, true)
	p.at(home, Connected)
	p.wait(time.Minute, false) // silent, but it answers checks
	p.at(home, Connected)
	p.mute = true
	p.wait(time.Minute, true) // media alone is no consent (RFC 7675 §5.1)
	p.at(home, Failed)
}

func TestSilence(t *testing.T) {
	p := newPeer(t)
	_ = p.nominate(home)
	p.wait(10*time.Second, true)
	p.mute = true
	p.wait(2800*time.Millisecond, false)
	p.at(home, Connected)
	p.wait(600*time.Millisecond, false)
	p.at(home, Disconnected)
	p.mute = false
	p.wait(600*time.Millisecond, false) // the next hurried check is answered
	p.at(home, Connected)
	p.mute = true
	p.wait(31*time.Second, false)
	p.at(home, Failed)
}

func TestDoubt(t *testing.T) {
	p := newPeer(t)
	_ = p.nominate(home)
	p.wait(5*time.Second, true)
	p.mute = true
	p.a.Doubt(p.now)
	p.wait(1200*time.Millisecond, false)
	p.at(home, Disconnected)
}

// TestMove lets a client's address change under it: it checks from the new one
// without nominating it, for it does not know.
func TestMove(t *testing.T) {
	p := newPeer(t)
	_ = p.nominate(home)
	p.wait(5*time.Second, true)
	_ = p.check(mobile)
	p.at(home, Connected) // not while the old address still works
	p.mute = true         // nobody answers there any more, whenever the next check is due
	p.wait(2*time.Second, false)
	p.mute = false
	_ = p.check(mobile)
	p.at(mobile, Connected)
}

func TestRestart(t *testing.T) {
	p := newPeer(t)
	_ = p.nominate(home)
	again := Credentials{"srvufrag2", "srvpassword2-srvpassword"}
	p.a.Restart(again, Credentials{"cliufrag2", "clipassword2-clipassword"}, p.now)
	p.at(home, Connected) // the old path carries on
	if got := p.a.Ufrags(); !slices.Equal(got, []string{"srvufrag", "srvufrag2"}) {
		t.Fatalf("fragments %v", got)
	}
	_ = p.check(home) // an old check, still on its way
	p.remote, p.local = again, Credentials{"cliufrag2", "clipassword2-clipassword"}
	_ = p.check(mobile)
	p.at(home, Connected)
	_ = p.nominate(mobile)
	p.at(mobile, Connected)
	if got := p.a.Ufrags(); !slices.Equal(got, []string{"srvufrag2"}) {
		t.Fatalf("fragments %v", got)
	}
	if p.a.Known(home) {
		t.Error("a path of the old generation is left")
	}
	// And once more on the same address.
	third, client := Credentials{"srvufrag3", "srvpassword3-srvpassword"}, Credentials{"cliufrag3", "clipassword3-clipassword"}
	p.a.Restart(third, client, p.now)
	p.remote, p.local = third, client
	_ = p.nominate(mobile)
	p.at(mobile, Connected)
	if got := p.a.Ufrags(); !slices.Equal(got, []string{"srvufrag3"}) {
		t.Fatalf("fragments %v", got)
	}
}

func TestPathsAreBounded(t *testing.T) {
	p := newPeer(t)
	_ = p.nominate(home)
	for i := range 100 {
		p.now = p.now.Add(time.Millisecond)
		a := mobile
		a.Port = uint16(6000 + i)
		_ = p.check(a)
	}
	if len(p.a.paths) > maxPaths {
		t.Errorf("%d paths", len(p.a.paths))
	}
	p.at(home, Connected)
	p.wait(40*time.Second, true)
	if len(p.a.paths) != 1 {
		t.Errorf("%d paths after a while", len(p.a.paths))
	}
}

func TestLocalUfrag(t *testing.T) {
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewSoftware("abc"), stun.NewUsername("mine:theirs"))
	if err != nil {
		t.Fatal(err)
	}
	if u, ok := LocalUfrag(m.Raw); !ok || string(u) != "mine" || !IsRequest(m.Raw) {
		t.Errorf("%q %v", u, ok)
	}
	for n := range len(m.Raw) {
		LocalUfrag(m.Raw[:n])
	}
}

func FuzzHandle(f *testing.F) {
	p := &peer{local: other, remote: server}
	m, _ := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(p.remote.Ufrag+":"+p.local.Ufrag),
		stun.NewShortTermIntegrity(server.Pwd), stun.Fingerprint)
	f.Add(m.Raw)
	f.Add([]byte{0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42})
	f.Fuzz(func(t *testing.T, b []byte) {
		a := New(server, other, timing, start)
		LocalUfrag(b)
		out, err := a.Handle(start, b, home, nil)
		if err != nil && len(out) > 1 {
			t.Errorf("%d answers to a refused message", len(out))
		}
	})
}
