package rtcp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	pion "github.com/pion/rtcp"
)

// TestPionReadsWhatIsWritten sends every kind of packet through Pion's parser.
func TestPionReadsWhatIsWritten(t *testing.T) {
	report := Report{SSRC: 5, FractionLost: 17, TotalLost: 300, HighestSeq: 70000, Jitter: 9, LastSR: 1, Delay: 2}
	b := AppendSR(nil, 1, SenderInfo{NTP: 1<<63 | 7, Timestamp: 3, Packets: 4, Octets: 5}, []Report{report})
	b = AppendRR(b, 2, []Report{report, report})
	for _, cname := range []string{"", "a", "ab", "abc", "abcd"} {
		b = AppendSDES(b, 3, cname)
	}
	b = AppendPLI(b, 1, 6)
	b = AppendFIR(b, 1, 6, 200)
	b = AppendNACK(b, 1, 6, []uint16{65530, 65531, 3, 10, 11, 500})
	b = AppendREMB(b, 1, 6, 2_500_000)
	b = AppendBYE(b, 1)
	got, err := pion.Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	ref := pion.ReceptionReport{SSRC: 5, FractionLost: 17, TotalLost: 300, LastSequenceNumber: 70000, Jitter: 9, LastSenderReport: 1, Delay: 2}
	want := []pion.Packet{
		&pion.SenderReport{SSRC: 1, NTPTime: 1<<63 | 7, RTPTime: 3, PacketCount: 4, OctetCount: 5, Reports: []pion.ReceptionReport{ref}},
		&pion.ReceiverReport{SSRC: 2, Reports: []pion.ReceptionReport{ref, ref}},
	}
	for i, w := range want {
		if fmt.Sprint(got[i]) != fmt.Sprint(w) {
			t.Errorf("packet %d:\n%+v\nwant\n%+v", i, got[i], w)
		}
	}
	for i, cname := range []string{"", "a", "ab", "abc", "abcd"} {
		s, ok := got[2+i].(*pion.SourceDescription)
		if !ok || len(s.Chunks) != 1 || s.Chunks[0].Source != 3 || len(s.Chunks[0].Items) != 1 || s.Chunks[0].Items[0].Text != cname {
			t.Errorf("cname %q: %+v", cname, got[2+i])
		}
	}
	if p, ok := got[7].(*pion.PictureLossIndication); !ok || p.MediaSSRC != 6 {
		t.Errorf("%+v", got[7])
	}
	if p, ok := got[8].(*pion.FullIntraRequest); !ok || len(p.FIR) != 1 || p.FIR[0].SSRC != 6 || p.FIR[0].SequenceNumber != 200 {
		t.Errorf("%+v", got[8])
	}
	if p, ok := got[9].(*pion.TransportLayerNack); !ok {
		t.Errorf("%+v", got[9])
	} else {
		var all []uint16
		for _, n := range p.Nacks {
			all = append(all, n.PacketList()...)
		}
		if !slices.Equal(all, []uint16{65530, 65531, 3, 10, 11, 500}) {
			t.Errorf("NACK %v", all)
		}
	}
	if p, ok := got[10].(*pion.ReceiverEstimatedMaximumBitrate); !ok || p.Bitrate < 2_490_000 || p.Bitrate > 2_500_000 || p.SSRCs[0] != 6 {
		t.Errorf("%+v", got[10])
	}
	if p, ok := got[11].(*pion.Goodbye); !ok || p.Sources[0] != 1 {
		t.Errorf("%+v", got[11])
	}
}

func TestReadBack(t *testing.T) {
	reports := []Report{{SSRC: 5, FractionLost: 17, TotalLost: -3, HighestSeq: 70000, Jitter: 9, LastSR: 1, Delay: 2}, {SSRC: 6, TotalLost: 1 << 22}}
	info := SenderInfo{NTP: 99 << 32, Timestamp: 3, Packets: 4, Octets: 5}
	b := AppendSR(nil, 1, info, reports)
	b = AppendNACK(b, 7, 8, []uint16{1, 2, 17, 18, 40})
	b = AppendFIR(b, 7, 8, 9)
	b = AppendPLI(b, 7, 8)
	b = AppendREMB(b, 7, 8, 1<<40)
	b = AppendBYE(b, 1)
	w := Packets{Rest: b}
	var p Packet
	next := func() {
		t.Helper()
		if !w.Next(&p) {
			t.Fatal(w.Err)
		}
	}
	next()
	if got, ok := p.SenderInfo(); !ok || got != info || p.Sender() != 1 || !slices.Equal(p.Reports(nil), reports) {
		t.Fatalf("%+v %+v", got, p.Reports(nil))
	}
	next()
	if got := p.Nacks(nil, 100); !slices.Equal(got, []uint16{1, 2, 17, 18, 40}) || p.Media() != 8 {
		t.Fatalf("%v", got)
	}
	if got := p.Nacks(nil, 2); len(got) != 2 {
		t.Fatalf("limit is not kept: %v", got)
	}
	next()
	if got := p.FIRs(nil); len(got) != 1 || got[0] != (FIR{8, 9}) {
		t.Fatalf("%v", got)
	}
	next()
	if !p.IsPLI() || p.Media() != 8 {
		t.Fatalf("%+v", p)
	}
	next()
	if got, ok := p.REMB(); !ok || got != 1<<40 {
		t.Fatalf("%d", got)
	}
	next()
	if got := p.ByeSources(nil); !slices.Equal(got, []uint32{1}) {
		t.Fatalf("%v", got)
	}
	if w.Next(&p) || w.Err != nil {
		t.Fatal("more", w.Err)
	}
}

func TestPacketsRefuse(t *testing.T) {
	good := AppendPLI(nil, 1, 2)
	for _, c := range []struct {
		name string
		b    []byte
	}{
		{"three bytes", good[:3]},
		{"version", append([]byte{0x40}, good[1:]...)},
		{"length beyond the end", append([]byte{0x81, 206, 0, 9}, good[4:]...)},
		{"padding of zero", append([]byte{0xa1}, AppendPLI(nil, 1, 0)[1:]...)},
		{"tail of garbage", append(slices.Clone(good), 1, 2, 3, 4)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := Packets{Rest: c.b}
			var p Packet
			for w.Next(&p) {
			}
			if w.Err == nil {
				t.Fatal("taken")
			}
		})
	}
}

func TestReception(t *testing.T) {
	var r Reception
	if _, ok := r.Report(1, nil, 0); ok {
		t.Fatal("a report of nothing")
	}
	now := time.Duration(0)
	for i := range 100 {
		now += 20 * time.Millisecond
		if i%10 == 5 {
			continue // lost
		}
		r.Receive(uint16(65500+i), uint32(i*960), 48000, now)
	}
	got, _ := r.Report(1, nil, now)
	if got.FractionLost != 25 || got.TotalLost != 10 || got.HighestSeq != 1<<16+63 || got.Jitter > 1 {
		t.Fatalf("%+v", got)
	}
	for i := 100; i < 110; i++ {
		now += 20 * time.Millisecond
		r.Receive(uint16(65500+i), uint32(i*960), 48000, now)
	}
	if got, _ = r.Report(1, nil, now); got.FractionLost != 0 || got.TotalLost != 10 {
		t.Fatalf("%+v", got)
	}
	for i := 110; i < 400; i++ { // arrivals 10 ms apart from their places
		r.Receive(uint16(65500+i), uint32(i*960), 48000, now+time.Duration(i-109)*20*time.Millisecond+time.Duration(i%2)*10*time.Millisecond)
	}
	if got, _ = r.Report(1, nil, now); got.Jitter < 400 || got.Jitter > 500 {
		t.Fatalf("jitter %d, want about 480", got.Jitter)
	}
}

func TestClock(t *testing.T) {
	start := NTPTime(time.Date(2030, 1, 2, 3, 4, 5, 600_000_000, time.UTC))
	var audio, video Clock
	if _, ok := audio.Align(1, &video); ok {
		t.Fatal("an unknown clock aligns")
	}
	audio.Observe(SenderInfo{NTP: start, Timestamp: 0xffffff00}, 48000, time.Second)
	video.Observe(SenderInfo{NTP: start + NTPSpan(250*time.Millisecond), Timestamp: 100}, 90000, time.Second)
	for _, c := range []struct {
		ts   uint32
		want uint32
	}{
		{0xffffff00 + 12000 - 1<<32, 100},
		{0xffffff00, 1<<32 - 22400},
		{0xffffff00 + 60000 - 1<<32, 100 + 90000},
	} {
		got, ok := audio.Align(c.ts, &video)
		if diff := int32(got - c.want); !ok || diff > 1 || diff < -1 {
			t.Errorf("audio %d is video %d, want %d", c.ts, got, c.want)
		}
	}
	at, ts, _ := video.Now(3 * time.Second)
	if d := (at - start).Span() - 2250*time.Millisecond; d > time.Microsecond || d < -time.Microsecond || ts != 100+180000 {
		t.Errorf("after two seconds %v, %d", d, ts)
	}
	report := Report{}
	report.LastSR, report.Delay = video.LastSR(1500 * time.Millisecond)
	rtt, ok := report.RoundTrip(start + NTPSpan(250*time.Millisecond+500*time.Millisecond+80*time.Millisecond))
	if d := rtt.Span() - 80*time.Millisecond; !ok || d > time.Millisecond || d < -time.Millisecond {
		t.Errorf("round trip %v", rtt.Span())
	}
	if _, ok := report.RoundTrip(start); ok {
		t.Error("a report from the future is believed")
	}
	if got := NTPSpan(-1500 * time.Millisecond).Span(); got > -1499*time.Millisecond || got < -1501*time.Millisecond {
		t.Errorf("negative span %v", got)
	}
}

func TestKeyframe(t *testing.T) {
	const ms = time.Millisecond
	var k Keyframe
	due := func(at time.Duration, want bool) {
		t.Helper()
		if got := k.Due(at, 50*ms); got != want {
			t.Fatalf("at %v due is %v", at, got)
		}
	}
	due(0, false)
	k.Want(false)
	due(0, true)
	due(100*ms, false)
	due(200*ms, true) // no answer
	k.Arrived(250 * ms)
	due(600*ms, false)
	k.Want(false)
	due(600*ms, false) // too soon after the last
	due(760*ms, true)
	k.Arrived(800 * ms)
	k.Want(true)
	due(801*ms, true) // urgent
	due(802*ms, false)
}

func TestNothingAllocates(t *testing.T) {
	buf, seqs := make([]byte, 0, 1500), make([]uint16, 0, 64)
	reports := make([]Report, 2, 31)
	var p Packet
	if n := testing.AllocsPerRun(200, func() {
		buf = AppendRR(buf[:0], 1, reports[:2])
		buf = AppendSDES(buf, 1, "consilium")
		buf = AppendNACK(buf, 1, 2, []uint16{1, 2, 3, 99})
		w := Packets{Rest: buf}
		for w.Next(&p) {
			seqs = p.Nacks(seqs[:0], 64)
			_ = p.Reports(reports[:0])
		}
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkCompound(b *testing.B) {
	buf := make([]byte, 0, 1500)
	reports := make([]Report, 2, 31)
	var p Packet
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendRR(buf[:0], 1, reports)
		buf = AppendNACK(buf, 1, 2, []uint16{1, 2, 3, 99})
		w := Packets{Rest: buf}
		for w.Next(&p) {
		}
	}
}

func FuzzPackets(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	seqs := make([]uint16, 20)
	for i := range seqs {
		seqs[i] = uint16(rng.Uint32())
	}
	b := AppendSR(nil, 1, SenderInfo{}, make([]Report, 3))
	b = AppendSDES(b, 1, "name")
	b = AppendNACK(b, 1, 2, seqs)
	b = AppendREMB(AppendFIR(AppendBYE(b, 1), 1, 2, 3), 1, 2, 3)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		w := Packets{Rest: b}
		var p Packet
		for w.Next(&p) {
			if n := len(p.Nacks(nil, 300)); n > 300 {
				t.Fatalf("%d numbers", n)
			}
			p.Reports(nil)
			p.SenderInfo()
			p.FIRs(nil)
			p.REMB()
			p.ByeSources(nil)
			p.IsPLI()
			_ = p.Sender() + p.Media()
		}
	})
}
