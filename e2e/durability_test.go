package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// written is a file whose upload was acknowledged.
type written struct {
	id, sha256 string
}

// TestAcknowledgedOutlivesKill uploads from two people at once, kills the
// server in the middle, and looks for everything that was acknowledged. Three
// rounds on the same data.
func TestAcknowledgedOutlivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real binary")
	}
	s := newServer(t)
	patient, doctor := s.signIn("patient"), s.signIn("doctor")
	who := patient.me()
	visit := patient.appointment(who.Visit.AppointmentID)
	room := visit.EncounterID
	patient.must("POST", "/encounters/"+room+"/join", nil, nil)
	if got := doctor.appointment(visit.ID); got.Status != "waiting" {
		t.Fatalf("after the patient joined: %v", got)
	}
	doctor.must("POST", "/encounters/"+room+"/admit", map[string]string{"identity": who.AccountID}, nil)
	if got := doctor.appointment(visit.ID); got.Status != "in_progress" {
		t.Fatalf("after admitting: %v", got)
	}

	var all []written
	version := draftVersion(doctor, room)
	for round := range 3 {
		acked, draft := writeUntilKilled(t, s, room, patient, doctor, version, round)
		if len(acked) == 0 {
			t.Fatalf("round %d: nothing was acknowledged before the kill", round)
		}
		all = append(all, acked...)
		s.start()
		for _, w := range all {
			status, raw, err := patient.send("GET", "/documents/"+w.id+"/content", nil, nil)
			if err != nil || status != http.StatusOK {
				t.Fatalf("round %d: an acknowledged file is gone: %d %v", round, status, err)
			}
			if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != w.sha256 {
				t.Fatalf("round %d: an acknowledged file has changed", round)
			}
		}
		version = draftVersion(doctor, room)
		if version < draft {
			t.Errorf("round %d: the draft went back from version %d to %d", round, draft, version)
		}
		if got := doctor.appointment(visit.ID); got.Status != "in_progress" {
			t.Errorf("round %d: %v", round, got)
		}
	}
	t.Logf("%d acknowledged files over 3 kills, all there", len(all))
}

// writeUntilKilled has both people write until the server dies under them. It
// returns the acknowledged files and the last acknowledged version of the
// doctor's draft.
func writeUntilKilled(t *testing.T, s *server, room string, patient, doctor *client, version uint64, round int) ([]written, uint64) {
	t.Helper()
	var mu sync.Mutex
	var acked []written
	enough := make(chan struct{})
	var group sync.WaitGroup
	for who, c := range map[string]*client{"patient": patient, "doctor": doctor} {
		group.Go(func() {
			for i := 0; ; i++ {
				text := bytes.Repeat([]byte(fmt.Sprintf("%s %d %d. ", who, round, i)), 1+i*97)
				id, err := upload(c, room, fmt.Sprintf("%s-%d-%d.txt", who, round, i), text)
				if err != nil {
					return
				}
				sum := sha256.Sum256(text)
				mu.Lock()
				acked = append(acked, written{id, hex.EncodeToString(sum[:])})
				if len(acked) == 20 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	group.Go(func() {
		for i := 0; ; i++ {
			next, err := save(doctor, room, version, fmt.Sprintf("round %d, draft %d", round, i))
			if err != nil {
				return
			}
			version = next
		}
	})
	select {
	case <-enough:
	case <-time.After(20 * time.Second):
		t.Error("20 files were not acknowledged within 20 s")
	}
	s.kill()
	group.Wait()
	return acked, version
}

func upload(c *client, room, name string, content []byte) (id string, err error) {
	status, raw, err := c.send("POST", "/encounters/"+room+"/files",
		http.Header{"Content-Type": {"text/plain"}, "X-File-Name": {name}}, bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	var up struct {
		Document struct {
			ID string `json:"id"`
		} `json:"document"`
	}
	if status != http.StatusCreated {
		return "", fmt.Errorf("upload: %d %s", status, raw)
	}
	err = json.Unmarshal(raw, &up)
	return up.Document.ID, err
}

func draftVersion(c *client, room string) uint64 {
	c.t.Helper()
	var draft struct {
		Version uint64 `json:"version"`
	}
	c.must("GET", "/encounters/"+room+"/composition", nil, &draft)
	return draft.Version
}

func save(c *client, room string, version uint64, plan string) (uint64, error) {
	body, err := json.Marshal(map[string]any{"sections": map[string]string{
		"complaint": "", "anamnesis": "", "findings": "", "diagnosisCode": "", "diagnosis": "", "plan": plan,
	}})
	if err != nil {
		return 0, err
	}
	status, raw, err := c.send("PUT", "/encounters/"+room+"/composition", http.Header{
		"Content-Type": {"application/json"}, "If-Match": {fmt.Sprintf(`"%d"`, version)},
	}, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	var draft struct {
		Version uint64 `json:"version"`
	}
	if status != http.StatusOK {
		return 0, fmt.Errorf("save: %d %s", status, raw)
	}
	err = json.Unmarshal(raw, &draft)
	return draft.Version, err
}
