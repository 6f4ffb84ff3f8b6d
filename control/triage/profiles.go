package triage

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

// Question is asked before somebody is put into the queue: yes is a sign that cannot
// wait for a video call, or one that puts the call before others.
type Question struct {
	Key  string            `json:"key"`
	Band Band              `json:"band"` // of a call that answers yes
	Text map[string]string `json:"text"` // by language
}

// CallNow reports whether yes means to call the emergency service at once.
func (q *Question) CallNow() bool { return q.Band == Danger }

// What is asked where is data: profiles.json.
//
//go:embed profiles.json
var profilesJSON []byte

type book struct {
	Profiles  map[string][]string `json:"profiles"` // jurisdiction to the keys of its questions
	Questions []Question          `json:"questions"`
}

var profiles = sync.OnceValue(func() book {
	var b book
	// The file is ours and a test reads it: an error leaves an empty book.
	_ = json.Unmarshal(profilesJSON, &b)
	return b
})

// fallback is what is asked where a jurisdiction names no questions of its own.
const fallback = "general"

// Questions returns what a jurisdiction wants asked, in its order.
func Questions(jurisdiction string) []Question {
	b := profiles()
	keys, ok := b.Profiles[jurisdiction]
	if !ok {
		keys = b.Profiles[fallback]
	}
	var out []Question
	for _, key := range keys {
		for _, q := range b.Questions {
			if q.Key == key {
				out = append(out, q)
			}
		}
	}
	return out
}

// BandOf returns the band of a call whose answers to these questions were yes, and
// whether they are all asked.
func BandOf(asked []Question, yes []string) (Band, bool) {
	band := Usual
	for _, key := range yes {
		i := slices.IndexFunc(asked, func(q Question) bool { return q.Key == key })
		if i < 0 {
			return band, false
		}
		band = min(band, asked[i].Band)
	}
	return band, true
}
