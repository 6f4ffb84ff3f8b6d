package loadtest

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Report is what a run found. Times are milliseconds where the name says Ms or the
// type is Summary or Latency.
type Report struct {
	Started time.Time      `json:"started"`
	Plan    Plan           `json:"plan"`
	Elapsed time.Duration  `json:"elapsed"` // of the measurement, in nanoseconds
	Joined  int            `json:"joined"`
	Failed  int            `json:"failed"`
	Leaves  int            `json:"leaves"`
	Errors  map[string]int `json:"errors,omitempty"`

	// Connect is from the first byte of signaling to keys agreed; FirstPacket to the
	// first packet, of those who came to a room where somebody sent.
	Connect     Summary  `json:"connectMs"`
	FirstPacket Summary  `json:"firstPacketMs"`
	Received    Received `json:"received"`
	Latency     Latency  `json:"latencyMs"` // from one participant's socket to another's
	SentLate    float64  `json:"sentLateMs"`
	Server      *Server  `json:"server,omitempty"`
}

// Summary is a few percentiles in milliseconds.
type Summary struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	Max float64 `json:"max"`
}

// Latency is the distribution of the packets' way through the server.
type Latency struct {
	P50     float64 `json:"p50"`
	P90     float64 `json:"p90"`
	P95     float64 `json:"p95"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
	Samples uint64  `json:"samples"`
}

// Received is what all participants got together.
type Received struct {
	Streams          int     `json:"streams"`
	Packets          uint64  `json:"packets"`
	Bytes            uint64  `json:"bytes"`
	Expected         uint64  `json:"expected"` // by the sequence numbers seen
	Lost             uint64  `json:"lost"`     // after repair
	Repaired         uint64  `json:"repaired"` // by retransmission
	Other            uint64  `json:"other"`    // probes, padding, duplicates
	LossPercent      float64 `json:"lossPercent"`
	PacketsPerSecond float64 `json:"packetsPerSecond"`
	BitsPerSecond    float64 `json:"bitsPerSecond"`
}

// Server is what the server's process used.
type Server struct {
	// CPUPerMillion is seconds of CPU for a million packets received.
	CPUPerMillion     float64 `json:"cpuSecondsPerMillionPackets"`
	CPUPercent        float64 `json:"cpuPercent"` // of one core
	UserPercent       float64 `json:"userPercent"`
	IdlePerPeer       float64 `json:"cpuMsPerSecondPerParticipant"`
	JoinCPU           float64 `json:"joinCpuMs"` // of each join, with what was forwarded meanwhile
	BaseRSS           int64   `json:"baseRss"`
	RSS               int64   `json:"rss"`
	RSSPerPeer        float64 `json:"rssPerParticipant"`
	SwitchesPerPacket float64 `json:"switchesPerPacket"`
	Threads           int     `json:"threads"`

	join time.Duration // CPU before the joins
}

func (s *Server) joinCPU(after Usage, joined int) {
	s.JoinCPU = (after.CPU - s.join).Seconds() * 1e3 / float64(joined)
}

func (s *Server) measured(before, after Usage, elapsed time.Duration, packets uint64, peers int) {
	cpu := (after.CPU - before.CPU).Seconds()
	s.CPUPercent = 100 * cpu / elapsed.Seconds()
	s.UserPercent = 100 * (after.User - before.User).Seconds() / elapsed.Seconds()
	s.IdlePerPeer = 1e3 * cpu / elapsed.Seconds() / float64(peers)
	s.RSS, s.Threads = after.RSS, after.Threads
	s.RSSPerPeer = float64(s.RSS-s.BaseRSS) / float64(peers)
	if packets > 0 {
		s.CPUPerMillion = cpu * 1e6 / float64(packets)
		s.SwitchesPerPacket = float64(after.Switches-before.Switches) / float64(packets)
	}
}

func summarize(d []time.Duration) Summary {
	if len(d) == 0 {
		return Summary{}
	}
	slices.Sort(d)
	at := func(q float64) float64 { return d[int(q*float64(len(d)-1))].Seconds() * 1e3 }
	return Summary{N: len(d), P50: at(0.5), P95: at(0.95), Max: at(1)}
}

// Print writes the report as a table.
func (r *Report) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	p := r.Plan
	publishers := p.Publishers
	if publishers == 0 {
		publishers = p.Size
	}
	fmt.Fprintf(t, "load\t%d rooms of %d, %d sending in each; audio %d/s of %d bytes, video %d/s of %d bytes\n",
		p.Rooms, p.Size, publishers, p.Audio.PacketsPerSecond, p.Audio.Bytes, p.Video.PacketsPerSecond, p.Video.Bytes)
	fmt.Fprintf(t, "participants\t%d joined, %d failed, %d left and were replaced\n", r.Joined, r.Failed, r.Leaves)
	fmt.Fprintf(t, "connected after\t%.0f ms median, %.0f ms 95%%, %.0f ms at most\n", r.Connect.P50, r.Connect.P95, r.Connect.Max)
	if r.FirstPacket.N > 0 {
		fmt.Fprintf(t, "first packet after\t%.0f ms median, %.0f ms 95%%, of %d\n", r.FirstPacket.P50, r.FirstPacket.P95, r.FirstPacket.N)
	}
	fmt.Fprintf(t, "received\t%d packets in %.1f s: %.0f/s, %.1f Mbit/s, %d streams\n", r.Received.Packets, r.Elapsed.Seconds(), r.Received.PacketsPerSecond, r.Received.BitsPerSecond/1e6, r.Received.Streams)
	fmt.Fprintf(t, "lost\t%d of %d (%.3f %%), %d repaired\n", r.Received.Lost, r.Received.Expected, r.Received.LossPercent, r.Received.Repaired)
	fmt.Fprintf(t, "latency\t%.2f ms median, %.2f 95%%, %.2f 99%%, %.1f at most (packets left this client up to %.2f ms late)\n",
		r.Latency.P50, r.Latency.P95, r.Latency.P99, r.Latency.Max, r.SentLate)
	if s := r.Server; s != nil {
		fmt.Fprintf(t, "server CPU\t%.1f s a million packets; %.0f %% of a core, %.2f ms/s a participant; %.1f ms a join\n", s.CPUPerMillion, s.CPUPercent, s.IdlePerPeer, s.JoinCPU)
		fmt.Fprintf(t, "server memory\t%.1f MiB, %.2f MiB a participant over %.1f MiB\n", mib(s.RSS), s.RSSPerPeer/(1<<20), mib(s.BaseRSS))
		fmt.Fprintf(t, "server switches\t%.2f a packet, %d threads\n", s.SwitchesPerPacket, s.Threads)
	}
	for e, n := range r.Errors {
		fmt.Fprintf(t, "error\t%d times: %s\n", n, e)
	}
	return t.Flush()
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
