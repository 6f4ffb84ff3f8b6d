package loadtest

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// peer is one participant.
type peer struct {
	who      Who
	base     uint32 // of its SSRCs
	clock    clock
	link     *link
	recv     receiver
	sections []section
	streams  []*stream
	tracks   []Track
	lossUp   float64
	rng      *rand.Rand // of who adds it to the pump
	leave    func(context.Context) error

	joinStart, joined time.Duration

	// Guarded by link.mu.
	number uint16
	luck   *rand.Rand // for lossUp
	sealed [1500]byte
	header rtp.Header // saves an allocation for each packet
}

// newPeer lays out participant i of a room. base must be unique in the run.
func newPeer(plan Plan, who Who, i int, base uint32, c clock, identity *identity) *peer {
	p := &peer{
		who: who, base: base, clock: c, link: newLink(identity), lossUp: plan.LossUp,
		rng: rand.New(rand.NewPCG(uint64(base), 1)), luck: rand.New(rand.NewPCG(uint64(base), 3)),
	}
	p.recv = receiver{
		clock: c, loss: plan.LossDown, line: plan.Downlink, rng: rand.New(rand.NewPCG(uint64(base), 2)),
		feedback: twcc.NewRecorder(base), ssrc: base, streams: map[uint32]*incoming{},
	}
	p.link.media, p.link.control = p.media, p.control
	mid := func() string { return strconv.Itoa(len(p.sections)) }
	if plan.publishes(i) {
		if plan.Audio.PacketsPerSecond > 0 {
			p.tracks = append(p.tracks, Track{mid(), "microphone"})
			p.send(section{mid: mid(), streams: []*stream{newStream(false, mid(), "", base, plan.Audio, 0)}})
		}
		if plan.Video.PacketsPerSecond > 0 {
			p.tracks = append(p.tracks, Track{mid(), "camera"})
			p.send(p.camera(plan, mid()))
		}
	}
	for range plan.slots(i) {
		if plan.Audio.PacketsPerSecond > 0 {
			p.sections = append(p.sections, section{mid: mid()})
		}
		if plan.Video.PacketsPerSecond > 0 {
			p.sections = append(p.sections, section{mid: mid(), video: true})
		}
	}
	if len(p.sections) == 0 { // an offer needs a section
		p.sections = append(p.sections, section{mid: mid()})
	}
	return p
}

func (p *peer) send(s section) {
	p.sections = append(p.sections, s)
	p.streams = append(p.streams, s.streams...)
}

func (p *peer) camera(plan Plan, mid string) section {
	s := section{mid: mid, video: true}
	if !plan.Simulcast {
		s.streams = []*stream{newStream(true, mid, "", p.base+2, plan.Video, plan.FPS)}
		return s
	}
	for i, rid := range rids {
		f := plan.Video
		if shrink := 1 << (2 * (len(rids) - 1 - i)); shrink > 1 { // a quarter of the pixels each
			f.PacketsPerSecond = max(f.PacketsPerSecond/shrink, plan.FPS)
			f.Bytes = max(plan.Video.Bytes*plan.Video.PacketsPerSecond/shrink/f.PacketsPerSecond, 64)
		}
		s.streams = append(s.streams, newStream(true, mid, rid, p.base+2+uint32(2*i), f, plan.FPS))
	}
	return s
}

// join enters the room and connects.
func (p *peer) join(ctx context.Context, door Door) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p.joinStart = p.clock.now()
	text, leave, err := door.Enter(ctx, p.who, p.offer(), p.tracks)
	if err != nil {
		return err
	}
	p.leave = leave
	a, err := readAnswer(text)
	if err != nil {
		return err
	}
	p.recv.repairs = a.repairs
	if err := p.link.connect(ctx, a); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	p.joined = p.clock.now()
	return nil
}

// close leaves the room and ends the link.
func (p *peer) close(ctx context.Context) error {
	var err error
	if p.leave != nil {
		err = p.leave(ctx)
	}
	p.link.close()
	return err
}

// transmit seals and sends one packet of a stream and keeps it for a NACK.
func (p *peer) transmit(s *stream, b []byte, _ time.Duration) {
	l := p.link
	l.mu.Lock()
	defer l.mu.Unlock()
	s.packets++
	s.octets += uint32(len(b) - len(s.head))
	s.sent[binary.BigEndian.Uint16(b[2:])%history] = b
	p.write(s, b)
}

// write gives a packet its transport-wide number, seals and sends it. The caller
// holds link.mu.
func (p *peer) write(s *stream, b []byte) {
	p.number++
	binary.BigEndian.PutUint16(b[s.number:], p.number)
	sealed, err := p.link.out.EncryptRTP(p.sealed[:0], b, &p.header)
	if err != nil || p.lossUp > 0 && p.luck.Float64() < p.lossUp {
		return
	}
	_, _ = p.link.conn.Write(sealed)
}

// again answers the server's NACK by RTX (RFC 4588).
func (p *peer) again(ssrc uint32, seqs []uint16) {
	for _, s := range p.streams {
		if s.ssrc != ssrc || !s.video {
			continue
		}
		p.link.mu.Lock()
		for _, seq := range seqs {
			b := s.sent[seq%history]
			if b == nil || binary.BigEndian.Uint16(b[2:]) != seq {
				continue
			}
			s.rtxSeq++
			r := make([]byte, 0, len(b)+2)
			r = append(r, b[:len(s.head)]...)
			r = append(r, byte(seq>>8), byte(seq))
			r = append(r, b[len(s.head):]...)
			r[1] = r[1]&0x80 | ptRTX
			binary.BigEndian.PutUint16(r[2:], s.rtxSeq)
			binary.BigEndian.PutUint32(r[8:], s.rtx)
			if s.rid != "" { // the stream's RID becomes the repaired stream's
				for i := s.number + 2; i < len(s.head); i++ {
					if r[i]>>4 == extRID {
						r[i] = r[i]&0x0f | extRRID<<4
						break
					}
				}
			}
			p.write(s, r)
		}
		p.link.mu.Unlock()
	}
}

// media takes a sealed packet.
func (p *peer) media(b []byte) {
	r := &p.recv
	if r.loss > 0 && r.rng.Float64() < r.loss {
		return
	}
	now, ok := r.limited(len(b)+28, p.clock.now()) // with the IP and UDP headers
	if !ok {
		return
	}
	open, err := p.link.in.DecryptRTP(b[:0], b, &r.header)
	if err != nil {
		return
	}
	if x := r.header.GetExtension(extTWCC); len(x) == 2 {
		r.feedback.Record(r.header.SSRC, binary.BigEndian.Uint16(x), now.Microseconds())
	}
	r.take(open, &r.header, now)
	if now-r.feedbackAt < nackAfter {
		return
	}
	if out := r.reply(now); len(out) > 0 {
		if data, err := rtcp.Marshal(out); err == nil {
			p.link.sendControl(data)
		}
	}
}

// control takes a sealed RTCP packet.
func (p *peer) control(b []byte) {
	open, err := p.link.in.DecryptRTCP(nil, b, nil)
	if err != nil {
		return
	}
	for len(open) >= 4 {
		n := 4 * (int(binary.BigEndian.Uint16(open[2:])) + 1)
		if n > len(open) {
			return
		}
		p.message(open[:n])
		open = open[n:]
	}
}

func (p *peer) message(b []byte) {
	format := b[0] & 0x1f
	switch {
	case b[1] == 200 && len(b) >= 16:
		p.recv.senderReport(binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint64(b[8:]), p.clock.now())
	case b[1] == 205 && format == 1:
		var n rtcp.TransportLayerNack
		if n.Unmarshal(b) == nil {
			for _, pair := range n.Nacks {
				p.again(n.MediaSSRC, pair.PacketList())
			}
		}
	case b[1] == 206 && format == 1 && len(b) >= 12:
		p.keyframe(binary.BigEndian.Uint32(b[8:]))
	case b[1] == 206 && format == 4:
		var f rtcp.FullIntraRequest
		if f.Unmarshal(b) == nil {
			for _, e := range f.FIR {
				p.keyframe(e.SSRC)
			}
		}
	}
}

func (p *peer) keyframe(ssrc uint32) {
	for _, s := range p.streams {
		if s.ssrc == ssrc && s.video {
			s.key.Store(true)
		}
	}
}

// maintain renews consent and sends sender reports; every two seconds.
func (p *peer) maintain(now time.Duration) {
	p.link.probe()
	if len(p.streams) == 0 {
		return
	}
	wall := p.clock.start.Add(now)
	ntp := uint64(wall.Unix()+2208988800)<<32 | uint64(wall.Nanosecond())<<32/1e9
	var out []rtcp.Packet
	p.link.mu.Lock()
	for _, s := range p.streams {
		if s.packets == 0 {
			continue
		}
		rate := uint64(s.ticks) * uint64(time.Second) / uint64(s.interval)
		since := uint64(max(now-s.next+s.interval, 0))
		out = append(out, &rtcp.SenderReport{SSRC: s.ssrc, NTPTime: ntp, RTPTime: s.ts + uint32(since*rate/uint64(time.Second)), PacketCount: s.packets, OctetCount: s.octets})
	}
	p.link.mu.Unlock()
	if len(out) == 0 {
		return
	}
	out = append(out, rtcp.NewCNAMESourceDescription(p.streams[0].ssrc, p.who.Identity))
	if data, err := rtcp.Marshal(out); err == nil {
		p.link.sendControl(data)
	}
}
