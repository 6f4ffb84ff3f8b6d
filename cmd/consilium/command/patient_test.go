package command

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"consilium/store/bolt"
)

// TestPatientIsErasedByCommand erases through a running server and on the folder, and
// reads every byte of both folders for what is left.
func TestPatientIsErasedByCommand(t *testing.T) {
	cfg := testConfig(t)
	links, stop := startServe(t, cfg)
	args := func(args ...string) []string { return append(args, "--data", cfg.Data) }
	admin := signIn(t, links, "admin")
	ids := map[string]string{}
	var list struct{ Items []struct{ ID, Name string } }
	admin.do(http.MethodGet, "/patients", nil, &list)
	for _, p := range list.Items {
		ids[p.Name] = p.ID
	}
	kept := ids["Иван Петрович Соколов"]

	// Somebody with a visit to come, and a law that keeps what was.
	call(t, exitFailure, args("patient", "erase", kept)...)
	out := answered[erasureResult](t, args("patient", "kept", kept)...)
	if out.Allowed || out.Erased || out.Open == 0 || out.KeptUntil == nil || out.Visits == 0 || len(out.Documents) == 0 {
		t.Errorf("%+v", out)
	}
	call(t, exitUsage, args("patient", "erase", "nobody")...)
	call(t, exitUsage, args("patient", "erase")...)

	// Somebody who has never been here.
	gone := become(t, signIn(t, links, "doctor"), cfg.Data)
	if v := answered[erasureResult](t, args("patient", "kept", gone)...); !v.Allowed || v.Erased || v.KeptUntil != nil {
		t.Errorf("%+v", v)
	}
	if n := len(inFiles(t, cfg.Data, gone)); n == 0 {
		t.Fatal("the test sees nothing: records are filed under the patient's id")
	}
	ring, err := os.ReadFile(filepath.Join(keysFolder(cfg), bolt.FileName))
	if err != nil || !bytes.Contains(ring, []byte(gone)) {
		t.Fatalf("the ring does not know the patient: %v", err)
	}
	before := filepath.Join(t.TempDir(), "data-before")
	call(t, exitOK, args("backup", "--data-to", before, "--keys-to", filepath.Join(t.TempDir(), "keys-before"))...)
	done := answered[erasureResult](t, args("patient", "erase", gone)...)
	if !done.Erased || done.Patient != gone {
		t.Errorf("%+v", done)
	}
	call(t, exitUsage, args("patient", "erase", gone)...)
	if found := inFiles(t, cfg.Data, gone); len(found) != 0 {
		t.Errorf("%v still name the patient", found)
	}
	var after struct{ Items []struct{ ID, Name string } }
	admin.do(http.MethodGet, "/patients", nil, &after)
	for _, p := range after.Items {
		if p.ID == gone {
			t.Error("the patient is still in the list")
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	// A backup of the data from before opens with the keys of today, but not that patient.
	keys, folder := filepath.Join(t.TempDir(), "keys-after"), t.TempDir()
	call(t, exitOK, args("backup", "--data-to", filepath.Join(t.TempDir(), "data-after"), "--keys-to", keys)...)
	restored := []string{"--data", filepath.Join(folder, "data"), "--keys", filepath.Join(folder, "keys")}
	call(t, exitOK, append([]string{"restore", "--data-from", before, "--keys-from", keys, "--key", filepath.Join(keysFolder(cfg), keyFile)}, restored...)...)
	if n := len(inFiles(t, filepath.Join(folder, "data"), gone)); n == 0 {
		t.Error("the older backup does not hold what the test looks for")
	}
	call(t, exitFailure, append([]string{"patient", "kept", gone}, restored...)...)
	if old := answered[erasureResult](t, append([]string{"patient", "kept", kept}, restored...)...); old.Visits != out.Visits {
		t.Errorf("the older backup has %+v of another patient", old)
	}

	// The folder is whole, and so is the trail.
	call(t, exitOK, args("store", "check")...)
	call(t, exitOK, args("audit", "verify")...)
	again := answered[erasureResult](t, args("patient", "kept", kept)...)
	if again.Visits != out.Visits || len(again.Documents) != len(out.Documents) {
		t.Errorf("the other patient has %+v, had %+v", again, out)
	}
	call(t, exitFailure, args("patient", "erase", kept)...)
}

// inFiles names the files below a folder that hold a word.
func inFiles(t *testing.T, folder, word string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.Contains(path, "messages") {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(word)) {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// become has the doctor invite somebody, accepts, and returns the new patient's id.
func become(t *testing.T, doctor *person, data string) string {
	t.Helper()
	const address = "nina.orlova@mail.example"
	read := func(what *regexp.Regexp) (found string) {
		t.Helper()
		soon(t, what.String(), func() bool {
			names, _ := filepath.Glob(filepath.Join(data, "messages", "*.json"))
			for _, name := range names {
				raw, err := os.ReadFile(name)
				var letter struct{ To, Text string }
				if err != nil || json.Unmarshal(raw, &letter) != nil || letter.To != address {
					continue
				}
				if m := what.FindStringSubmatch(letter.Text); m != nil {
					found = m[1]
				}
			}
			return found != ""
		})
		return found
	}
	doctor.do(http.MethodPost, "/invitations", map[string]any{"contact": address}, nil)
	token := read(regexp.MustCompile(`/invite#([\w.-]+)`))
	guest := &person{t: t, base: doctor.base}
	guest.do(http.MethodPost, "/invitation/code", map[string]any{"token": token}, nil)
	code := read(regexp.MustCompile(`\b([0-9]{6})\b`))
	var proof struct{ Proof string }
	guest.do(http.MethodPost, "/invitation/verify", map[string]any{"token": token, "code": code}, &proof)
	var offer struct {
		Consents []struct{ ID, Version string }
	}
	guest.do(http.MethodPost, "/invitation/open", map[string]any{"token": token}, &offer)
	consents := []map[string]any{}
	for _, c := range offer.Consents {
		consents = append(consents, map[string]any{"id": c.ID, "version": c.Version, "given": true})
	}
	var done struct {
		Me struct{ Person struct{ ID string } }
	}
	guest.do(http.MethodPost, "/invitation/accept", map[string]any{
		"token": token, "proof": proof.Proof, "name": "Нина Сергеевна Орлова", "birthDate": "1991-02-03", "sex": "female",
		"locale": "ru", "consents": consents,
	}, &done)
	if done.Me.Person.ID == "" {
		t.Fatal("nobody became a patient")
	}
	return done.Me.Person.ID
}
