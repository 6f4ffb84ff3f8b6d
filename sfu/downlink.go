package sfu

import (
	"time"

	"consilium/sfu/internal/bwe"
	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/crypt"
	"consilium/sfu/internal/layer"
	"consilium/sfu/internal/munge"
	"consilium/sfu/internal/nack"
	"consilium/sfu/internal/packetcache"
	"consilium/sfu/internal/rtp"
	"consilium/sfu/internal/twcc"
	"consilium/sfu/internal/udp"
)

// What a slot remembers of its packets: the gap map that renumbering needs, and
// the record from which losses are answered.
const (
	gapVideo, gapAudio       = 256, 64
	recordVideo, recordAudio = 256, 64
)

// payload is a slot's payload type for one codec, 0 where the client has none.
type payload struct{ pt, rtx uint8 }

// downlink is a slot: a media section a participant receives on, with sources of
// its own. Putting a track on it renumbers the track's packets into the slot's
// one continuous stream.
type downlink struct {
	owner *Participant
	out   *egress
	mid   string
	kind  string
	pair  int // audio and video slots of one pair play in step
	cname string
	ssrc  uint32
	rtx   uint32

	shown *Track // guarded by Room.mu: the track now on the slot
	view  view   // guarded by Room.mu: how the client shows it

	// What bandwidth allows, guarded by Room.mu.
	share  bwe.Track
	wanted int // the layer that view and bandwidth would allow, -1 none

	// What follows is guarded by out.mu.
	payloads [16]payload // by codec
	track    *Track      // shown, as the packet path sees it
	current  *uplink     // the layer playing, nil before the first key frame
	sel      *layer.Selector
	rw       *munge.Rewriter
	record   *nack.Responder
	stream   *crypt.Stream
	resend   *crypt.Stream
	rtxSeq   uint16
	reportAt time.Duration
	lost     uint8 // of 256, by the last report

	packets, octets uint32
}

// video reports the slot's kind.
func (d *downlink) video() bool { return d.kind == KindVideo }

// plays reports whether the slot's client knows the codec a track is sent in.
func (d *downlink) plays(t *Track) bool {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	return len(t.codecs) > 0 && d.payload(t.codecs[0]).pt != 0
}

// play puts a track on the slot or, with nil, frees it. It is paused until
// aimed at a layer.
func (d *downlink) play(t *Track) {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	d.track, d.current, d.sel = t, nil, nil
	if d.record != nil {
		d.record.Reset()
	}
	if t == nil {
		return
	}
	if len(t.layers) == 1 && len(t.codecs) > 0 && t.codecs[0] == codec.VP9 {
		d.sel = layer.NewScalable()
	} else {
		d.sel = layer.New()
	}
}

// aim sets the layer to reach. It reports whether a key frame of another layer
// is needed for it.
func (d *downlink) aim(l layer.Layer) bool {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	if d.sel == nil || d.sel.Target() == l {
		return false
	}
	d.sel.SetTarget(l)
	_, needed := d.sel.Keyframe()
	return needed
}

// resume waits for a key frame anew, after packets were withheld.
func (d *downlink) resume() {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	if d.sel != nil {
		d.sel.Restart()
	}
}

// renewed tells that a layer's numbers begin anew.
func (d *downlink) renewed(u *uplink) {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	if d.current == u && d.sel != nil {
		d.sel.Restart()
		if d.record != nil {
			d.record.Reset()
		}
	}
}

// awaited returns the layer whose key frame the slot waits for, and whether it
// shows nothing yet; nil when it waits for none.
func (d *downlink) awaited() (u *uplink, urgent bool) {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	if d.track == nil || d.sel == nil || !d.video() {
		return nil, false
	}
	stream, needed := d.sel.Keyframe()
	if !needed || stream < 0 {
		return nil, false
	}
	return d.track.layers[min(int(stream), len(d.track.layers)-1)], d.sel.Current().Spatial < 0
}

// askKeyframe asks the publisher for the key frame the slot waits for, if any.
// The caller holds Room.mu.
func (d *downlink) askKeyframe(urgent bool) {
	if d.shown == nil || !d.video() || !d.shown.open.Load() {
		return
	}
	u, blank := d.awaited()
	if u == nil {
		u = d.playing()
	}
	if u != nil {
		u.want(nil, d.owner.room.sfu.now(), urgent && blank)
	}
}

// playing returns the layer on the slot now, or the one aimed at.
func (d *downlink) playing() *uplink {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	switch {
	case d.track == nil || d.sel == nil || d.sel.Target().Spatial < 0:
		return nil
	case d.current != nil:
		return d.current
	}
	return d.track.layers[min(int(d.sel.Target().Spatial), len(d.track.layers)-1)]
}

// forward sends the packets of an uplink on that are of the layer the slot plays or
// begin the layer it waits for.
func (d *downlink) forward(out *outbox, u *uplink, c codec.Codec, run []*packetcache.Packet) {
	e := d.out
	to := e.to.Load()
	if to == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if d.track != u.track || e.sealer == nil || !d.ready() {
		return
	}
	pl := d.payload(c)
	if pl.pt == 0 {
		return
	}
	sent := 0
	for _, p := range run {
		if n, marker, ok := d.place(u, p, c); ok && d.send(out, p, c, pl, n, marker, *to) {
			sent++
		}
	}
	if sent == 0 {
		return
	}
	d.owner.room.sfu.counters.forwarded.Add(uint64(sent))
	now := run[len(run)-1].Arrival
	if now-d.reportAt >= reportEvery {
		e.report(out, now)
	}
	e.elapse(out, now)
}

// place decides about a packet, and returns its numbers in the slot's stream and whether
// it ends a picture when it is to be sent. The caller holds out.mu.
func (d *downlink) place(u *uplink, p *packetcache.Packet, c codec.Codec) (n munge.Out, marker, ok bool) {
	choice := d.sel.Select(&layer.Packet{
		Frame: &p.Frame, Timestamp: p.Header.Timestamp, Arrival: p.Arrival, Stream: int8(u.index),
	})
	if choice.Verdict == layer.Ignore {
		return n, false, false
	}
	in := munge.In{Ext: p.Ext, Timestamp: p.Header.Timestamp, Arrival: p.Arrival}
	if c == codec.VP8 {
		in.Frame = &p.Frame
	}
	marker = p.Header.Marker || choice.Marker
	switch {
	case choice.Verdict == layer.Drop:
		d.owner.room.sfu.counters.budget.Add(1)
		d.rw.Drop(&in)
		return n, false, false
	case p.Header.PayloadLen() == 0: // the publisher's probe, of no use further on
		d.rw.Drop(&in)
		return n, false, false
	case choice.Verdict == layer.Switch:
		var prev uint32
		known := false
		if d.current != nil && d.current != u && d.current.track == u.track {
			prev, known = u.align(p.Header.Timestamp, d.current)
		}
		n = d.rw.Switch(&in, prev, known)
		d.current = u
		return n, marker, true
	}
	n, ok = d.rw.Forward(&in)
	return n, marker, ok
}

// payload returns the payload types for a codec; redundant audio falls back to
// plain Opus.
func (d *downlink) payload(c codec.Codec) payload {
	pl := d.payloads[c&15]
	if pl.pt == 0 && c == codec.OpusRED {
		pl = d.payloads[codec.Opus]
	}
	return pl
}

// repairs returns a payload type for retransmissions, 0 without.
func (d *downlink) repairs() uint8 {
	if !d.video() {
		return 0
	}
	for _, pl := range d.payloads {
		if pl.rtx != 0 {
			return pl.rtx
		}
	}
	return 0
}

// ready makes what the slot needs once it plays. The caller holds out.mu.
func (d *downlink) ready() bool {
	if d.stream != nil {
		return true
	}
	var err error
	if d.stream, err = d.out.sealer.Stream(d.ssrc); err != nil {
		return false
	}
	if d.rtx != 0 {
		if d.resend, err = d.out.sealer.Stream(d.rtx); err != nil {
			return false
		}
	}
	first := uint16(d.ssrc) & 0x7fff // RFC 3711 §3.3.1: below 2^15 no wrap is lost at the start
	gap, record, rate := gapVideo, recordVideo, uint32(90_000)
	if !d.video() {
		gap, record, rate = gapAudio, recordAudio, 48_000
	}
	d.rw = munge.New(first, gap, rate)
	if d.rtx != 0 {
		d.record = nack.NewResponder(record)
	}
	return true
}

// send writes the slot's copy of a packet and queues it, or reports that it could not.
// The caller holds out.mu.
func (d *downlink) send(out *outbox, p *packetcache.Packet, c codec.Codec, pl payload, n munge.Out, marker bool, to udp.Addr) bool {
	e := d.out
	l, class := &e.video, twcc.Media
	if !d.video() {
		l, class = &e.audio, twcc.Audio
		if l.level != nil {
			l.level[0] = p.Level
		}
	}
	b := e.header(out.Buffer(), rtp.Fixed{
		SSRC: d.ssrc, Timestamp: n.Timestamp, Seq: n.Seq, PayloadType: pl.pt, Marker: marker,
	}, l, p.Header.PayloadLen(), class, p.Arrival)
	head := len(b)
	b = d.body(b, p, c, n.PictureID, n.TL0)
	if !e.seal(out, d.stream, b, n.Seq, to, class == twcc.Audio) {
		return false
	}
	d.packets++
	d.octets += uint32(len(b) - head)
	if pl.rtx != 0 && d.record != nil {
		d.record.Sent(nack.Sent{
			Timestamp: n.Timestamp, Seq: n.Seq, PictureID: n.PictureID, TL0: n.TL0,
			Source: uint8(d.current.index), Original: p.Header.Seq,
		}, p.Arrival)
	}
	return true
}

// body appends the payload as the slot's client is to see it.
func (d *downlink) body(b []byte, p *packetcache.Packet, c codec.Codec, picture uint16, tl0 uint8) []byte {
	switch {
	case c == codec.VP8:
		return codec.AppendVP8(b, p.Payload(), &p.Frame, picture, tl0)
	case c == codec.OpusRED:
		return d.redundant(b, p)
	}
	return append(b, p.Payload()...)
}

// redundant rewrites the payload types inside redundant audio, or unpacks it
// for a client that has not negotiated it.
func (d *downlink) redundant(b []byte, p *packetcache.Packet) []byte {
	var blocks [codec.MaxRED]codec.REDBlock
	n, err := codec.ParseRED(p.Payload(), &blocks)
	if err != nil || n == 0 {
		return b
	}
	if d.payloads[codec.OpusRED].pt == 0 {
		return append(b, blocks[n-1].Data...)
	}
	for i := range n {
		blocks[i].PayloadType = d.payloads[codec.Opus].pt
	}
	return codec.AppendRED(b, blocks[:n])
}

// again answers a request for lost packets.
func (d *downlink) again(out *outbox, seqs []uint16, now, rtt time.Duration) {
	e := d.out
	to := e.to.Load()
	e.mu.Lock()
	defer e.mu.Unlock()
	if to == nil || e.sealer == nil || d.record == nil || d.track == nil || d.resend == nil {
		return
	}
	for _, seq := range seqs {
		sent, ok := d.record.Request(seq, now, rtt)
		if !ok || int(sent.Source) >= len(d.track.layers) {
			continue
		}
		u := d.track.layers[sent.Source]
		cache := u.cache.Load()
		if cache == nil {
			continue
		}
		p := cache.Get(sent.Original)
		if p == nil {
			continue
		}
		d.repeat(out, p, u, sent, now, *to)
		p.Release()
	}
}

// repeat sends one packet again as RFC 4588 has it. The caller holds out.mu.
func (d *downlink) repeat(out *outbox, p *packetcache.Packet, u *uplink, sent nack.Sent, now time.Duration, to udp.Addr) {
	c := codec.Codec(u.codec.Load())
	pl := d.payload(c)
	if pl.rtx == 0 {
		return
	}
	e := d.out
	d.rtxSeq++
	b := e.header(out.Buffer(), rtp.Fixed{
		SSRC: d.rtx, Timestamp: sent.Timestamp, Seq: d.rtxSeq, PayloadType: pl.rtx, Marker: p.Header.Marker,
	}, &e.video, p.Header.PayloadLen()+2, twcc.Resend, now)
	b = append(b, byte(sent.Seq>>8), byte(sent.Seq))
	b = d.body(b, p, c, sent.PictureID, sent.TL0)
	if e.seal(out, d.resend, b, d.rtxSeq, to, false) {
		d.owner.room.sfu.counters.retransmits.Add(1)
	}
}
