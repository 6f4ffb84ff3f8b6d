package command

import (
	"github.com/prometheus/client_golang/prometheus"

	"consilium/control"
	"consilium/sfu"
	"consilium/signaling"
	"consilium/turn"
)

// figures is one reading of every part, taken together for one scrape.
type figures struct {
	sfu    sfu.Stats
	signal signaling.Stats
	relay  turn.Stats
	mail   control.MessageStats
}

// metric is one time series: how it is named, and which figure it shows. It carries no
// label that could name a person, a room or an address.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(*figures) float64
}

// partsCollector turns the counters that the parts keep into Prometheus metrics when it
// is asked; the parts know nothing of it.
type partsCollector struct {
	read    func() figures
	metrics []metric
}

func newPartsCollector(a *app) *partsCollector {
	return &partsCollector{
		read: func() figures {
			f := figures{sfu: a.sfu.Stats(), signal: a.signal.Stats(), mail: a.control.MessageStats()}
			if a.relay != nil {
				f.relay = a.relay.Stats()
			}
			return f
		},
		metrics: partMetrics(),
	}
}

// Describe implements [prometheus.Collector].
func (c *partsCollector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range c.metrics {
		out <- m.desc
	}
}

// Collect implements [prometheus.Collector].
func (c *partsCollector) Collect(out chan<- prometheus.Metric) {
	f := c.read()
	for _, m := range c.metrics {
		out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.read(&f))
	}
}

func gauge(name, help string, read func(*figures) float64) metric {
	return metric{prometheus.NewDesc("consilium_"+name, help, nil, nil), prometheus.GaugeValue, read}
}

func counter(name, help string, read func(*figures) uint64) metric {
	return metric{
		prometheus.NewDesc("consilium_"+name+"_total", help, nil, nil), prometheus.CounterValue,
		func(f *figures) float64 { return float64(read(f)) },
	}
}

// dropped is a counter of one reason for which packets were not forwarded.
func dropped(reason string, read func(*figures) uint64) metric {
	desc := prometheus.NewDesc("consilium_sfu_dropped_total", "Packets that were not forwarded, by reason.", nil, prometheus.Labels{"reason": reason})
	return metric{desc, prometheus.CounterValue, func(f *figures) float64 { return float64(read(f)) }}
}

func partMetrics() []metric {
	return []metric{
		gauge("sfu_rooms", "Rooms with somebody in them.", func(f *figures) float64 { return float64(f.sfu.Rooms) }),
		gauge("sfu_participants", "People in rooms.", func(f *figures) float64 { return float64(f.sfu.Participants) }),
		gauge("sfu_connected", "People whose media can flow.", func(f *figures) float64 { return float64(f.sfu.Connected) }),
		gauge("sfu_tracks", "Published tracks.", func(f *figures) float64 { return float64(f.sfu.Tracks) }),
		counter("sfu_received_packets", "Datagrams from the media port.", func(f *figures) uint64 { return f.sfu.PacketsIn }),
		counter("sfu_received_bytes", "Bytes from the media port.", func(f *figures) uint64 { return f.sfu.BytesIn }),
		counter("sfu_sent_packets", "Datagrams to the media port.", func(f *figures) uint64 { return f.sfu.PacketsOut }),
		counter("sfu_sent_bytes", "Bytes to the media port.", func(f *figures) uint64 { return f.sfu.BytesOut }),
		counter("sfu_receive_calls", "System calls that brought datagrams.", func(f *figures) uint64 { return f.sfu.ReceiveCalls }),
		counter("sfu_send_calls", "System calls that took datagrams.", func(f *figures) uint64 { return f.sfu.SendCalls }),
		counter("sfu_offloaded_packets", "Packets that left inside a run the kernel cut.", func(f *figures) uint64 { return f.sfu.Segments }),
		counter("sfu_forwarded_packets", "Media packets sent on to subscribers.", func(f *figures) uint64 { return f.sfu.Forwarded }),
		counter("sfu_retransmitted_packets", "Packets sent again because a subscriber missed them.", func(f *figures) uint64 { return f.sfu.Retransmits }),
		counter("sfu_nacks", "Packets asked for again at publishers.", func(f *figures) uint64 { return f.sfu.Nacks }),
		counter("sfu_keyframe_requests", "Key frames asked for at publishers.", func(f *figures) uint64 { return f.sfu.Keyframes }),
		dropped("muted", func(f *figures) uint64 { return f.sfu.DroppedMuted }),
		dropped("unknown", func(f *figures) uint64 { return f.sfu.DroppedUnknown }),
		dropped("forged", func(f *figures) uint64 { return f.sfu.DroppedForged }),
		dropped("replayed", func(f *figures) uint64 { return f.sfu.DroppedReplayed }),
		dropped("malformed", func(f *figures) uint64 { return f.sfu.DroppedMalformed }),
		dropped("capped", func(f *figures) uint64 { return f.sfu.DroppedCapped }),
		dropped("send", func(f *figures) uint64 { return f.sfu.DroppedSend }),
		dropped("budget", func(f *figures) uint64 { return f.sfu.DroppedBudget }),
		counter("sfu_bad_stun", "STUN messages that were refused.", func(f *figures) uint64 { return f.sfu.BadSTUN }),
		counter("sfu_handshakes", "DTLS handshakes that completed.", func(f *figures) uint64 { return f.sfu.Handshakes }),
		counter("sfu_handshake_errors", "DTLS handshakes that failed.", func(f *figures) uint64 { return f.sfu.HandshakeErrors }),
		counter("sfu_ticks", "Rounds of what time alone brings about: ten a second while media comes, none without rooms.", func(f *figures) uint64 { return f.sfu.Ticks }),
		counter("sfu_panics", "Faults that removed one participant. Above zero is a bug: tell us.", func(f *figures) uint64 { return f.sfu.Panics }),

		gauge("signaling_connections", "Open WebSockets.", func(f *figures) float64 { return float64(f.signal.Connections) }),
		gauge("signaling_sessions", "Sessions, those waiting to be resumed among them.", func(f *figures) float64 { return float64(f.signal.Sessions) }),
		counter("signaling_accepted", "WebSockets accepted.", func(f *figures) uint64 { return f.signal.Accepted }),
		counter("signaling_refused", "WebSockets refused.", func(f *figures) uint64 { return f.signal.Refused }),
		counter("signaling_messages", "Messages from clients.", func(f *figures) uint64 { return f.signal.Messages }),
		counter("signaling_errors", "Error replies to clients.", func(f *figures) uint64 { return f.signal.Errors }),
		counter("signaling_resumed", "Sessions resumed after a lost socket.", func(f *figures) uint64 { return f.signal.Resumed }),
		counter("signaling_resume_failed", "Resumes refused.", func(f *figures) uint64 { return f.signal.ResumeFailed }),
		counter("signaling_slow_readers", "Sockets closed because they did not read.", func(f *figures) uint64 { return f.signal.SlowReaders }),
		counter("signaling_flooders", "Sockets closed because they sent too fast.", func(f *figures) uint64 { return f.signal.Flooders }),
		counter("signaling_panics", "Faults that closed one socket. Above zero is a bug: tell us.", func(f *figures) uint64 { return f.signal.Panics }),
		gauge("turn_allocations", "Relays in use.", func(f *figures) float64 { return float64(f.relay.Allocations) }),
		gauge("turn_connections", "TCP and TLS connections to the relay.", func(f *figures) float64 { return float64(f.relay.Connections) }),
		counter("turn_allocations", "Relays opened.", func(f *figures) uint64 { return f.relay.AllocationsTotal }),
		counter("turn_auth_refused", "Requests with wrong, expired or revoked credentials.", func(f *figures) uint64 { return f.relay.AuthRefused }),
		counter("turn_quota_refused", "Requests for more relays than one person may have.", func(f *figures) uint64 { return f.relay.QuotaRefused }),
		counter("turn_peers_refused", "Requests to relay to somewhere else than the media port.", func(f *figures) uint64 { return f.relay.PeersRefused }),
		counter("turn_to_peer_bytes", "Bytes relayed to the media port.", func(f *figures) uint64 { return f.relay.BytesToPeers }),
		counter("turn_from_peer_bytes", "Bytes relayed from the media port.", func(f *figures) uint64 { return f.relay.BytesFromPeers }),

		counter("messages_sent", "Emails and SMS that the next station took over.", func(f *figures) uint64 { return f.mail.Sent }),
		counter("messages_failed", "Tries of an email or SMS that failed and are repeated.", func(f *figures) uint64 { return f.mail.Failed }),
		counter("messages_given_up", "Emails and SMS refused for good, or too old to be sent.", func(f *figures) uint64 { return f.mail.GaveUp }),

		counter("signaling_news_dropped", "News that the clinic's rules were too slow for.", func(f *figures) uint64 { return f.signal.ObserverMissed }),
	}
}
