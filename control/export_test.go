package control

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// A patient's own copy holds their card and every file of it, and nobody else's.
func TestExport(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begun(t)
	w.withDocument(t)
	_, err := w.PostChat(ctx, string(w.due.Encounter), string(w.actor("patient").Account), "c1", "a word in the chat")
	must(t, err)
	w.wantReads(t, "doctor", "")
	for _, who := range []string{"doctor", "admin", "registrar"} {
		_, err := w.Patients.Export(ctx, w.actor(who))
		wantCode(t, err, CodeDenied)
	}
	x, err := w.Patients.Export(ctx, w.actor("patient"))
	must(t, err)
	var buf bytes.Buffer
	must(t, x.Write(ctx, &buf))
	archive, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	must(t, err)
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		files[f.Name] = string(content)
	}
	if files["files/001 a.txt"] != "text" {
		t.Errorf("files %v", files)
	}
	var card struct {
		Patient  struct{ Name string }
		Consents []any
		Readings []any
	}
	must(t, json.Unmarshal([]byte(files["card.json"]), &card))
	if card.Patient.Name != w.actor("patient").Name || len(card.Consents) != 3 || len(card.Readings) != 1 || !strings.Contains(files["card.json"], "a word in the chat") {
		t.Errorf("card.json: %s", files["card.json"])
	}
}
