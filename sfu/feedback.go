package sfu

import (
	"time"

	"consilium/sfu/internal/rtcp"
	"consilium/sfu/internal/udp"
)

// The pace of what the server says about streams.
const (
	reportEvery   = time.Second            // sender and receiver reports
	feedbackEvery = 100 * time.Millisecond // transport-wide feedback
	nackEvery     = 10 * time.Millisecond
	// maxNacks bounds what one NACK message can ask for.
	maxNacks = 128
)

// control takes an SRTCP packet.
func (t *transport) control(out *outbox, b []byte, from udp.Addr, now time.Duration) {
	in, c := &t.in, &t.sfu.counters
	in.mu.Lock()
	if in.opener == nil {
		in.mu.Unlock()
		return
	}
	data, err := in.opener.RTCP(b)
	if err != nil {
		in.mu.Unlock()
		c.refused(err)
		return
	}
	in.senderReports(data, now)
	in.mu.Unlock()
	t.alive(now, from)

	// What follows is about streams to the client, or needs other people's locks.
	w := rtcp.Packets{Rest: data}
	var p rtcp.Packet
	for w.Next(&p) {
		switch p.Type {
		case rtcp.TypeSR, rtcp.TypeRR:
			t.out.reports(&p)
		case rtcp.TypeTransport:
			if p.Count == rtcp.FormatTWCC {
				t.out.acknowledged(p.Raw, now)
			} else {
				t.askedAgain(out, &p, now)
			}
		case rtcp.TypePayload:
			t.askedKeyframe(out, &p, now)
		}
	}
	if w.Err != nil {
		c.bad.Add(1)
	}
}

// senderReports takes the publisher's clocks. The caller holds mu.
func (in *ingress) senderReports(b []byte, now time.Duration) {
	w := rtcp.Packets{Rest: b}
	var p rtcp.Packet
	for w.Next(&p) {
		info, ok := p.SenderInfo()
		if !ok {
			continue
		}
		if st := in.find(p.Sender()); st != nil && !st.rtx {
			u := st.up
			u.clockMu.Lock()
			u.clock.Observe(info, u.track.rate(), now)
			u.clockMu.Unlock()
		}
	}
}

// reports takes what the client says about the streams it receives.
func (e *egress) reports(p *rtcp.Packet) {
	var blocks [rtcp.MaxReports]rtcp.Report
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range p.Reports(blocks[:0]) {
		if d := e.slot(r.SSRC); d != nil {
			d.lost = r.FractionLost
		}
	}
}

// acknowledged takes transport-wide feedback.
func (e *egress) acknowledged(b []byte, now time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sent == nil {
		return
	}
	results, err := e.sent.Feedback(b, e.results[:0])
	e.results = results[:0]
	if err == nil {
		e.pace.est.Feedback(results, now)
	}
}

// slot finds the downlink of a source. The caller holds mu.
func (e *egress) slot(ssrc uint32) *downlink {
	for _, d := range e.slots {
		if d.ssrc == ssrc {
			return d
		}
	}
	return nil
}

func (t *transport) slot(ssrc uint32) *downlink {
	t.out.mu.Lock()
	defer t.out.mu.Unlock()
	return t.out.slot(ssrc)
}

// askedAgain answers a NACK.
func (t *transport) askedAgain(out *outbox, p *rtcp.Packet, now time.Duration) {
	var seqs [maxNacks]uint16
	list := p.Nacks(seqs[:0], maxNacks)
	if d := t.slot(p.Media()); d != nil && len(list) > 0 {
		d.again(out, list, now, t.rtt())
	}
}

// askedKeyframe passes a PLI or FIR on to the publisher.
func (t *transport) askedKeyframe(out *outbox, p *rtcp.Packet, now time.Duration) {
	var firs [8]rtcp.FIR
	switch {
	case p.IsPLI():
		t.keyframeFor(out, p.Media(), now)
	case p.Count == rtcp.FormatFIR:
		for _, f := range p.FIRs(firs[:0]) {
			t.keyframeFor(out, f.SSRC, now)
		}
	}
}

func (t *transport) keyframeFor(out *outbox, ssrc uint32, now time.Duration) {
	if d := t.slot(ssrc); d != nil && d.video() {
		if u := d.playing(); u != nil {
			u.want(out, now, false)
		}
	}
}

// want asks the publisher for a key frame of a layer, unless it was asked just
// before. urgent marks a subscriber who sees nothing yet.
func (u *uplink) want(out *outbox, now time.Duration, urgent bool) {
	t := u.track.owner.transport.Load()
	ssrc := u.source()
	if t == nil || ssrc == 0 {
		return
	}
	u.keyMu.Lock()
	u.key.Want(urgent)
	due := u.key.Due(now, t.rtt())
	u.keyMu.Unlock()
	if due {
		t.askKeyframe(out, ssrc)
	}
}

func (t *transport) askKeyframe(out *outbox, ssrc uint32) {
	e := &t.out
	e.mu.Lock()
	defer e.mu.Unlock()
	b := rtcp.AppendPLI(e.compound(out), e.ssrc, ssrc)
	e.control(out, b)
	t.sfu.counters.keyframes.Add(1)
}

// compound begins a compound packet in the outbox's buffer, or one of its own
// without an outbox: with nothing where the client takes reduced size, else with
// an empty receiver report. The caller holds mu.
func (e *egress) compound(out *outbox) []byte {
	var b []byte
	if out != nil {
		b = out.Buffer()[:0]
	} else {
		b = make([]byte, 0, 128)
	}
	if e.reduced {
		return b
	}
	return rtcp.AppendRR(b, e.ssrc, nil)
}

// feedback sends what is due to the publisher about what it sends: losses,
// arrival times, receiver reports. It runs when a packet of the publisher's
// came, so it wakes nobody. The caller holds in.mu.
func (in *ingress) feedback(out *outbox, now time.Duration) {
	e := &in.t.out
	for i := range in.streams {
		u := in.streams[i].up
		if in.streams[i].rtx || !u.nacks || now-u.nackAt < nackEvery {
			continue
		}
		u.nackAt = now
		var seqs [maxNacks]uint16
		list := u.missing.Due(now, in.t.rtt(), seqs[:0])
		if u.missing.Overrun() && u.track.video() {
			u.want(out, now, false)
		}
		if len(list) == 0 {
			continue
		}
		in.t.sfu.counters.nacks.Add(uint64(len(list)))
		e.mu.Lock()
		e.control(out, rtcp.AppendNACK(e.compound(out), e.ssrc, u.ssrc, list))
		e.mu.Unlock()
	}
	if in.arrived != nil && now-in.feedbackAt >= feedbackEvery && len(in.streams) > 0 {
		in.feedbackAt = now
		e.mu.Lock()
		for range 3 { // a report too long for one packet goes on in the next
			b, more := in.arrived.Append(e.compound(out), e.ssrc, in.streams[0].ssrc)
			if !more {
				break
			}
			e.control(out, b)
		}
		e.mu.Unlock()
	}
	if now-in.reportAt >= reportEvery {
		in.reportAt = now
		in.receiverReport(out, now)
	}
}

// receiverReport tells the publisher how its streams arrive.
func (in *ingress) receiverReport(out *outbox, now time.Duration) {
	var blocks [rtcp.MaxReports]rtcp.Report
	list := blocks[:0]
	for i := range in.streams {
		st := &in.streams[i]
		if st.rtx || len(list) == cap(list) {
			continue
		}
		st.up.clockMu.Lock()
		clock := st.up.clock
		st.up.clockMu.Unlock()
		if r, ok := st.up.reception.Report(st.ssrc, &clock, now); ok {
			list = append(list, r)
		}
	}
	e := &in.t.out
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(list) == 0 {
		return
	}
	b := rtcp.AppendRR(out.Buffer()[:0], e.ssrc, list)
	e.control(out, rtcp.AppendSDES(b, e.ssrc, e.cname))
}

// report sends sender reports for the slots that play. Their clock is the
// publisher's own, carried over to the slot's timestamps, so that a client can
// play a voice and its picture in step. The caller holds mu.
func (e *egress) report(out *outbox, now time.Duration) {
	b := out.Buffer()[:0]
	for _, d := range e.slots {
		if d.current == nil || now-d.reportAt < reportEvery/2 {
			continue
		}
		d.reportAt = now
		ntp, ts, ok := d.current.present(now)
		if !ok || len(b) > udp.MaxDatagram/2 {
			continue
		}
		b = rtcp.AppendSR(b, d.ssrc, rtcp.SenderInfo{
			NTP: ntp, Timestamp: ts + d.rw.TimestampOffset(), Packets: d.packets, Octets: d.octets,
		}, nil)
		b = rtcp.AppendSDES(b, d.ssrc, d.cname)
	}
	e.control(out, b)
}
