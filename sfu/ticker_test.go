package sfu

import (
	"testing"
	"time"
)

// ticksIn counts the rounds of the ticker in a time.
func ticksIn(s *SFU, d time.Duration) int {
	before := s.counters.ticks.Load()
	time.Sleep(d)
	return int(s.counters.ticks.Load() - before)
}

// TestTickerRests: an empty server is not woken at all, a calm one seldom, and whoever
// comes finds it awake.
func TestTickerRests(t *testing.T) {
	s := server(t)
	time.Sleep(2 * tickEvery) // the first round finds no room
	if n := ticksIn(s, 5*tickEvery); n != 0 {
		t.Errorf("%d rounds without a room", n)
	}
	p, err := s.Room("room").Join(JoinOptions{Identity: "patient", Events: nothing{}})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "a round after the join", func() bool { return s.counters.ticks.Load() > 1 })
	if n := ticksIn(s, 10*tickEvery); n < 5 {
		t.Errorf("%d rounds in a second just after a join", n)
	}
	// As if it had come long ago.
	p.room.stirred.Store(-int64(time.Minute))
	time.Sleep(2 * tickEvery)
	if n := ticksIn(s, 12*tickEvery); n == 0 || n > 5 {
		t.Errorf("%d rounds in 1.2 s of a calm room", n)
	}
	before := s.counters.ticks.Load()
	p.room.stir()
	for end := time.Now().Add(2 * tickEvery); s.counters.ticks.Load() == before && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if n := ticksIn(s, 10*tickEvery); n < 5 {
		t.Errorf("%d rounds in the second after something began", n)
	}
	p.Close()
	time.Sleep(2 * tickEvery)
	if n := ticksIn(s, 5*tickEvery); n != 0 {
		t.Errorf("%d rounds after the last participant left", n)
	}
}
