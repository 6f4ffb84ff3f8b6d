package file

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"consilium/control/notify"
)

func TestEachMessageIsWrittenOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "messages")
	for range 2 { // the second is a restart
		sender, err := New(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"b", "a", "b"} {
			if err := sender.Send(t.Context(), notify.Message{ID: id, Channel: notify.Email, To: "a@b.example", Text: id}); err != nil {
				t.Fatal(err)
			}
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 2 {
		t.Fatalf("files %v, %v", names, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	var m notify.Message
	if err := json.Unmarshal(text, &m); err != nil || m.ID != "b" {
		t.Errorf("first is %+v, %v", m, err)
	}
	if info, err := os.Stat(names[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
