package sfu

import (
	"slices"
	"sync/atomic"
	"time"
)

// speakersEvery is how many ticks lie between two looks at who speaks.
const speakersEvery = 3

// Somebody speaks from heardFrom on, 127 being the loudest; levelStep is the
// change of level worth telling.
const (
	heardFrom = 127 - 45
	levelStep = 10
	voiceAge  = 500 * time.Millisecond
)

// loudness smooths the audio levels of a track. hear is called by one goroutine.
type loudness struct {
	level atomic.Int64 // 0 silent … 127, in 1/256
	at    atomic.Int64
}

// hear takes the level of a packet in −dBov. It rises at once and falls slowly,
// so that pauses between words are no end of speech.
func (l *loudness) hear(dBov uint8, now time.Duration) {
	v, old := int64(127-min(dBov, 127))<<8, l.level.Load()
	if v < old {
		v = old - (old-v)/16
	} else {
		v = old + (v-old)/2
	}
	l.level.Store(v)
	l.at.Store(int64(now))
}

func (l *loudness) now(now time.Duration) uint8 {
	if at := l.at.Load(); at == 0 || now-time.Duration(at) > voiceAge {
		return 0
	}
	return uint8(l.level.Load() >> 8)
}

// speakers tells everyone who speaks when that has changed. The caller holds mu.
func (r *Room) speakers(now time.Duration) {
	var list []Speaker
	for _, p := range r.people {
		for _, t := range p.tracks {
			if t.source != SourceMicrophone || !t.open.Load() {
				continue
			}
			if level := t.voice.now(now); level >= heardFrom {
				list = append(list, Speaker{p.identity, level})
			}
		}
	}
	slices.SortFunc(list, func(a, b Speaker) int { return int(b.Level) - int(a.Level) })
	same := slices.EqualFunc(list, r.loudest, func(a, b Speaker) bool {
		return a.Participant == b.Participant && max(a.Level, b.Level)-min(a.Level, b.Level) < levelStep
	})
	if same {
		return
	}
	r.loudest = list
	for _, p := range r.people {
		if !p.lobby {
			p.tell(func(e Events) { e.Speakers(slices.Clone(list)) })
		}
	}
}
