package loadtest

import (
	"errors"
	"fmt"
	"time"
)

// ErrPlan marks a plan that cannot be carried out.
var ErrPlan = errors.New("load test plan")

// Flow is a stream of packets.
type Flow struct {
	PacketsPerSecond int `json:"packetsPerSecond"` // 0 sends none
	Bytes            int `json:"bytes"`            // of payload in each
}

// Plan says what to do to the server.
type Plan struct {
	Rooms      int `json:"rooms"`
	Size       int `json:"size"`       // participants of each room
	Publishers int `json:"publishers"` // how many of them send, 0 for all

	Audio     Flow `json:"audio"`
	Video     Flow `json:"video"`
	FPS       int  `json:"fps"`       // frames a second of video
	Simulcast bool `json:"simulcast"` // video in three streams, Video being the best

	JoinsPerSecond float64       `json:"joinsPerSecond"`
	Warmup         time.Duration `json:"warmup"`   // between the last join and the measurement
	Duration       time.Duration `json:"duration"` // of the measurement
	Churn          float64       `json:"churn"`    // leaves, each with a new join, a second
	LossUp         float64       `json:"lossUp"`   // share of packets lost before the server
	LossDown       float64       `json:"lossDown"` // and after it
	Downlink       int64         `json:"downlink"` // bits a second each participant's line carries, 0 for no limit
	PID            int           `json:"pid"`      // of the server when it is local, else 0
}

// DefaultPlan is scenario S1 with ten rooms: consultations of two people.
func DefaultPlan() Plan {
	return Plan{
		Rooms: 10, Size: 2,
		Audio: Flow{50, 80}, Video: Flow{120, 1150}, FPS: 30,
		JoinsPerSecond: 20, Warmup: 2 * time.Second, Duration: 10 * time.Second,
	}
}

// Validate names the first setting that cannot work.
func (p Plan) Validate() error {
	for _, c := range []struct {
		ok   bool
		what string
	}{
		{p.Rooms >= 1 && p.Rooms <= 10_000, "rooms must be from 1 to 10000"},
		{p.Size >= 1 && p.Size <= 1000, "size must be from 1 to 1000"},
		{p.Publishers >= 0 && p.Publishers <= p.Size, "publishers must be from 0 to the room's size"},
		{p.Audio.ok() && p.Video.ok(), "a flow has 0 to 10000 packets a second of 32 to 1200 bytes"},
		{p.Video.PacketsPerSecond == 0 || p.FPS >= 1 && p.FPS <= p.Video.PacketsPerSecond, "fps must be from 1 to the video's packets a second"},
		{p.JoinsPerSecond > 0, "joins per second must be above 0"},
		{p.Warmup >= 0 && p.Duration >= 0, "times must not be negative"},
		{p.Churn >= 0, "churn must not be negative"},
		{p.Downlink == 0 || p.Downlink >= 10_000, "downlink must be 0 or at least 10000 bits a second"},
		{p.LossUp >= 0 && p.LossUp < 1 && p.LossDown >= 0 && p.LossDown < 1, "losses must be from 0 to below 1"},
	} {
		if !c.ok {
			return fmt.Errorf("%w: %s", ErrPlan, c.what)
		}
	}
	return nil
}

func (f Flow) ok() bool {
	return f.PacketsPerSecond == 0 || f.PacketsPerSecond > 0 && f.PacketsPerSecond <= 10_000 && f.Bytes >= 32 && f.Bytes <= 1200
}

// publishes reports whether participant i of a room sends.
func (p Plan) publishes(i int) bool {
	return (p.Publishers == 0 || i < p.Publishers) && p.Audio.PacketsPerSecond+p.Video.PacketsPerSecond > 0
}

// slots is how many tracks of each kind participant i will receive.
func (p Plan) slots(i int) int {
	n := p.Publishers
	if n == 0 {
		n = p.Size
	}
	if p.publishes(i) {
		n--
	}
	return min(n, 16)
}
