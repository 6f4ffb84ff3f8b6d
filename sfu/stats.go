package sfu

import "time"

// Stats are counters since the server started, except those said to be now.
type Stats struct {
	Rooms        int // now
	Participants int // now
	Connected    int // participants whose media can flow, now
	Tracks       int // now

	PacketsIn, BytesIn   uint64 // datagrams from the socket
	PacketsOut, BytesOut uint64 // datagrams to the socket
	ReceiveCalls         uint64 // system calls that brought datagrams
	SendCalls            uint64 // system calls that took datagrams
	Segments             uint64 // packets that left inside an offloaded run

	Forwarded   uint64 // media packets sent on to subscribers
	Retransmits uint64 // packets sent again on request
	Nacks       uint64 // packets asked for again at publishers
	Keyframes   uint64 // key-frame requests sent to publishers

	DroppedMuted     uint64 // of muted or waiting publishers, before decryption
	DroppedUnknown   uint64 // datagrams of no known transport
	DroppedForged    uint64 // failed authentication
	DroppedReplayed  uint64 // seen before
	DroppedMalformed uint64 // authentic, but not parseable
	DroppedCapped    uint64 // video over a publisher's bound, and sources over their number
	DroppedSend      uint64 // video the full socket refused
	DroppedBudget    uint64 // frames' packets left out to fit a subscriber's bandwidth
	BadSTUN          uint64 // STUN messages refused
	Handshakes       uint64 // DTLS handshakes completed
	HandshakeErrors  uint64
	Ticks            uint64 // rounds of what time alone brings about; none while no room is open
	Panics           uint64 // recovered, each has removed one participant
}

// ParticipantStats are one participant's counters.
type ParticipantStats struct {
	Connected    bool
	RTT          time.Duration // of the selected path; 0 before the first measurement
	PacketsIn    uint64        // media packets accepted
	PacketsOut   uint64        // media packets sent
	BytesIn      uint64
	BytesOut     uint64
	LossUp       float64 // share of packets lost on the way to the server, 0…1
	LossDown     float64 // share lost on the way to the client, by its reports
	EstimateDown int     // bit/s the path to the client is believed to carry
}

// Stats returns the server's counters.
func (s *SFU) Stats() Stats {
	c := &s.counters
	out := Stats{
		Forwarded: c.forwarded.Load(), Retransmits: c.retransmits.Load(), Nacks: c.nacks.Load(),
		Keyframes: c.keyframes.Load(), DroppedMuted: c.muted.Load(), DroppedUnknown: c.unknown.Load(),
		DroppedForged: c.forged.Load(), DroppedReplayed: c.replayed.Load(), DroppedMalformed: c.bad.Load(),
		DroppedBudget: c.budget.Load(), BadSTUN: c.badSTUN.Load(), Handshakes: c.handshakes.Load(),
		HandshakeErrors: c.badHandshakes.Load(), Panics: c.panics.Load(), Ticks: c.ticks.Load(), DroppedCapped: c.capped.Load(),
	}
	for _, socket := range s.port.All() {
		k := &socket.Counters
		out.PacketsIn += k.PacketsIn.Load()
		out.BytesIn += k.BytesIn.Load()
		out.PacketsOut += k.PacketsOut.Load()
		out.BytesOut += k.BytesOut.Load()
		out.ReceiveCalls += k.ReceiveCalls.Load()
		out.SendCalls += k.SendCalls.Load()
		out.Segments += k.Segments.Load()
		out.DroppedSend += k.DroppedFull.Load()
	}
	s.mu.Lock()
	rooms := make([]*Room, 0, len(s.rooms))
	for _, r := range s.rooms {
		rooms = append(rooms, r)
	}
	s.mu.Unlock()
	out.Rooms = len(rooms)
	for _, r := range rooms {
		people, connected, tracks := r.count()
		out.Participants += people
		out.Connected += connected
		out.Tracks += tracks
	}
	return out
}
