package sfu

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"consilium/sfu/internal/crypt"
	"consilium/sfu/internal/handshake"
	"consilium/sfu/internal/ice"
	"consilium/sfu/internal/udp"
)

// connectWithin is how long a client may take to come up after its offer.
const connectWithin = 30 * time.Second

// transport is a participant's one path for everything: ICE, DTLS, and through
// its two halves SRTP in and out. A client that offers with another certificate
// gets a new one.
type transport struct {
	sfu   *SFU
	owner *Participant
	in    ingress
	out   egress

	heard atomic.Int64 // when authentic media last came, as time since the server's start
	trip  atomic.Int64 // round trip of the path, 0 when unknown

	addresses atomic.Int32 // in the shards' tables

	mu      sync.Mutex // guards what follows; taken after Room.mu, before in.mu and out.mu
	agent   *ice.Agent
	remote  []handshake.Fingerprint
	session *handshake.Session // from the client's first flight on
	keyed   bool
	broken  bool // the handshake failed
	closed  bool
	state   string // last told by Events.Media
	scratch []ice.Datagram
}

// newTransport registers a transport for a client's credentials.
func newTransport(p *Participant, remote ice.Credentials, prints []handshake.Fingerprint) *transport {
	s := p.room.sfu
	t := &transport{sfu: s, owner: p, remote: prints}
	t.in.t, t.in.rate = t, newBucket(s.cfg.MaxBitrate)
	t.out.ssrc, t.out.cname, t.out.socket = random32()|1, "server", s.shards[0].socket
	t.out.used = make(map[uint32]bool)
	t.agent = ice.New(ice.NewCredentials(), remote, ice.Timing{
		Disconnect: s.cfg.DisconnectAfter,
		Consent:    s.cfg.ConsentTimeout,
		Connect:    connectWithin,
	}, time.Now())
	s.register(t, t.agent.Local().Ufrag)
	return t
}

// restart takes a client's new credentials on the transport it has and returns
// ours. The path in use stays so until the client has nominated a new one.
func (t *transport) restart(remote ice.Credentials) ice.Credentials {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.agent.Ufrags()
	local := ice.NewCredentials()
	t.agent.Restart(local, remote, time.Now())
	t.sfu.register(t, local.Ufrag)
	t.reregister(old)
	return local
}

// reregister forgets the user fragments the agent no longer answers to.
func (t *transport) reregister(old []string) {
	for _, u := range old {
		if !slices.Contains(t.agent.Ufrags(), u) {
			t.sfu.unregister(u)
		}
	}
}

// stun takes a STUN message. It reports whether the address has shown that it
// belongs to the client.
func (t *transport) stun(sh *shard, b []byte, from udp.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	before := len(t.agent.Ufrags())
	var old []string
	if before > 1 {
		old = t.agent.Ufrags()
	}
	t.hear()
	out, err := t.agent.Handle(time.Now(), b, from, t.scratch[:0])
	t.scratch = out
	if err != nil && !errors.Is(err, ice.ErrUnexpected) {
		t.sfu.counters.badSTUN.Add(1)
	}
	t.carry(sh.out, out)
	if old != nil {
		t.reregister(old)
	}
	t.settle()
	return t.agent.Known(from)
}

// knows reports whether a path of the client's has that address.
func (t *transport) knows(a udp.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.agent.Known(a)
}

// carry sends ICE's messages. The caller holds mu.
func (t *transport) carry(out *outbox, list []ice.Datagram) {
	for _, d := range list {
		n := copy(out.Buffer(), d.Data)
		out.Add(&t.out.queues[out.id], d.To, n, true)
	}
}

// hear passes on that media came since. The caller holds mu.
func (t *transport) hear() {
	if at := t.heard.Load(); at != 0 {
		t.agent.Heard(t.sfu.start.Add(time.Duration(at)))
	}
}

// settle brings the path of outgoing media and the reported state up to what
// ICE and DTLS say. The caller holds mu.
func (t *transport) settle() {
	addr, ok := t.agent.Selected()
	if now := t.out.to.Load(); ok && (now == nil || *now != addr) {
		first := now == nil
		t.out.to.Store(&addr)
		if first {
			// Ask early: the key frame is on its way while DTLS goes on.
			t.sfu.post(t.owner, func() { t.owner.wantKeyframes() })
		}
	}
	t.trip.Store(int64(t.agent.RTT()))
	state := t.state
	switch {
	case t.broken || t.agent.State() == ice.Failed:
		state = MediaFailed
	case t.agent.State() == ice.Disconnected && t.state != "":
		state = MediaDisconnected
	case t.agent.State() == ice.Connected && t.keyed:
		state = MediaConnected
	}
	if state != t.state {
		t.state = state
		t.owner.tell(func(e Events) { e.Media(state) })
	}
}

// connected reports whether media can flow now.
func (t *transport) connected() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state == MediaConnected
}

// rtt returns the path's round-trip time, 0 when unknown.
func (t *transport) rtt() time.Duration { return time.Duration(t.trip.Load()) }

// same reports whether the client still has the certificate it had.
func (t *transport) same(prints []handshake.Fingerprint) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.closed && !t.broken && slices.Equal(t.remote, prints)
}

func (t *transport) localCredentials() ice.Credentials {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.agent.Local()
}

func (t *transport) remoteCredentials() ice.Credentials {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.agent.Remote()
}

// newSource picks a source for a stream to the client: any that is not in use,
// for the client's own are told apart by direction.
func (t *transport) newSource() uint32 {
	t.out.mu.Lock()
	defer t.out.mu.Unlock()
	for {
		ssrc := random32()
		if ssrc == 0 || ssrc == t.out.ssrc || t.out.used[ssrc] {
			continue
		}
		t.out.used[ssrc] = true
		return ssrc
	}
}

func (t *transport) stats() ParticipantStats {
	s := ParticipantStats{Connected: t.connected(), RTT: t.rtt()}
	t.in.mu.Lock()
	s.PacketsIn, s.BytesIn = t.in.packets, t.in.octets
	var lost, got uint64
	for i := range t.in.streams {
		if st := &t.in.streams[i]; !st.rtx {
			lost += st.up.reception.Lost()
			got += st.up.reception.Received()
		}
	}
	t.in.mu.Unlock()
	if lost+got > 0 {
		s.LossUp = float64(lost) / float64(lost+got)
	}
	t.out.mu.Lock()
	defer t.out.mu.Unlock()
	s.PacketsOut, s.BytesOut = t.out.packets, t.out.bytes
	for _, d := range t.out.slots {
		s.LossDown = max(s.LossDown, float64(d.lost)/256)
	}
	if bps, ok := t.out.pace.bits(); ok {
		s.EstimateDown = int(bps)
	}
	return s
}

// recordAlert is the content type of DTLS alerts.
const recordAlert = 21

// handshake takes a DTLS datagram.
func (t *transport) handshake(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed || t.broken:
	case t.session == nil:
		t.session = handshake.Start(handshake.Config{
			Identity: t.sfu.identity,
			Remote:   t.remote,
			Send:     t.sendHandshake,
			Done:     t.agreed,
		})
		t.session.Push(b)
	case t.keyed && b[0] == recordAlert:
		// Most likely the client said good-bye. Nobody can read it any more, so
		// see soon whether it is still there.
		t.agent.Doubt(time.Now())
		t.session.Push(b)
	default:
		t.session.Push(b)
	}
}

func (t *transport) sendHandshake(b []byte) {
	t.mu.Lock()
	addr, ok := t.agent.Best()
	closed := t.closed
	t.mu.Unlock()
	if ok && !closed {
		// A datagram that cannot be sent is lost, and repeated by its timer.
		_ = t.sfu.shards[0].socket.Write(b, addr)
	}
}

// agreed takes the outcome of the handshake.
func (t *transport) agreed(k handshake.Keys, err error) {
	if err == nil {
		err = t.key(k)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	if err != nil {
		t.broken = true
		t.sfu.counters.badHandshakes.Add(1)
		t.sfu.log.Info("media handshake failed", "error", err)
	} else {
		t.keyed = true
		t.owner.room.stir()
		t.sfu.counters.handshakes.Add(1)
		t.sfu.post(t.owner, func() { t.owner.wantKeyframes() })
	}
	t.settle()
}

// key puts the keys in place in both halves.
func (t *transport) key(k handshake.Keys) error {
	opener, err := crypt.NewOpener(k.Profile, k.RemoteKey, k.RemoteSalt)
	if err != nil {
		return err
	}
	sealer, err := crypt.NewSealer(k.Profile, k.LocalKey, k.LocalSalt)
	if err != nil {
		return err
	}
	t.in.mu.Lock()
	t.in.opener = opener
	t.in.mu.Unlock()
	t.out.mu.Lock()
	defer t.out.mu.Unlock()
	if t.out.sealer != nil {
		return errors.New("transport has keys already")
	}
	t.out.sealer = sealer
	return nil
}

// tick does what time brings about, a few times a second.
func (t *transport) tick(out *outbox, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.hear()
	t.scratch = t.agent.Tick(now, t.scratch[:0])
	t.carry(out, t.scratch)
	t.settle()
}

// close ends the transport and waits for its goroutines.
func (t *transport) close() {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return
	}
	t.closed = true
	ufrags, session := t.agent.Ufrags(), t.session
	t.mu.Unlock()

	for _, u := range ufrags {
		t.sfu.unregister(u)
	}
	for _, sh := range t.sfu.shards {
		sh.forget(t)
	}
	if session != nil {
		session.Close()
	}
	t.in.close()
	t.out.mu.Lock()
	t.out.sealer = nil
	t.out.mu.Unlock()
	t.out.to.Store(nil)
}
