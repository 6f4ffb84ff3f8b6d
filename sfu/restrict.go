package sfu

import "consilium/sfu/internal/rtcp"

// How far a publisher without smaller layers is held back, in bit/s: never below
// least, and not at all above free.
const (
	restrictLeast = 200_000
	restrictFree  = 8_000_000
	// restrictEvery is how many ticks lie between two looks.
	restrictEvery = 9
)

// restrict asks a publisher that sends a picture in one size only to send less
// when a subscriber's path is in distress, for there is no smaller layer to give
// it, and lets it have more again when the distress is over. The caller holds mu.
func (r *Room) restrict(p *Participant, out *outbox) {
	for _, t := range p.tracks {
		if !t.video() || len(t.layers) > 1 {
			continue
		}
		least := int64(0)
		for _, d := range *t.downs.Load() {
			bps, suffers, known := d.out.estimate()
			if !known || !suffers || d.view.hidden {
				continue
			}
			shown := int64(0)
			for _, o := range d.owner.slots {
				if o.video() && o.shown != nil {
					shown++
				}
			}
			share := max(bps-audioReserve, 0) * 85 / 100 / max(shown, 1)
			if least == 0 || share < least {
				least = max(share, restrictLeast)
			}
		}
		switch {
		case least > 0:
			t.limit = least
		case t.limit == 0:
			continue
		default:
			t.limit = t.limit * 3 / 2
		}
		if x := p.transport.Load(); x != nil {
			x.askRate(out, t.layers[0].source(), t.limit)
		}
		if t.limit > restrictFree {
			t.limit = 0
		}
	}
}

// askRate tells the client to send no more than a rate, as RTCP's receiver
// estimates do: browsers heed them beside their own estimate.
func (t *transport) askRate(out *outbox, ssrc uint32, bps int64) {
	e := &t.out
	e.mu.Lock()
	defer e.mu.Unlock()
	if ssrc != 0 {
		e.control(out, rtcp.AppendREMB(e.compound(out), e.ssrc, ssrc, uint64(bps)))
	}
}
