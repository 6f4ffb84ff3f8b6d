package command

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"consilium/configs"
)

// answered runs a command that must succeed and decodes its JSON.
func answered[T any](t *testing.T, args ...string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(call(t, exitOK, append(args, "--json")...)), &v); err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return v
}

// TestOperatorsCommandsOnControl runs the same commands through a running server and on
// the folder, and wants the same answers.
func TestOperatorsCommandsOnControl(t *testing.T) {
	cfg := testConfig(t)
	_, stop := startServe(t, cfg)
	check := func(when string) clinicLine {
		call(t, exitOK, "audit", "verify", "--data", cfg.Data)
		call(t, exitUsage, "audit", "verify", "--data", cfg.Data, "--clinic", "elsewhere")
		v := answered[clinicLines](t, "clinic", "list", "--data", cfg.Data)
		if len(v.Clinics) != 1 || v.Clinics[0].Name == "" {
			t.Fatalf("%s: clinics %+v", when, v)
		}
		return v.Clinics[0]
	}
	running := check("through the server")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if stopped := check("on the folder"); stopped != running {
		t.Errorf("%+v through the server, %+v on the folder", running, stopped)
	}
	call(t, exitFailure, "clinic", "list", "--data", testConfig(t).Data)
}

// initArgs are those of a first clinic in a fresh folder.
func initArgs(cfg configs.Config, file string) []string {
	return []string{
		"init", "--config", file, "--data", cfg.Data, "--public-url", "https://clinic.example", "--slug", "garden",
		"--name", "ru=Садовая клиника", "--name", "en=Garden Clinic", "--admin-name", "Anna Admin", "--admin-email", "admin@example.org",
	}
}

func TestInit(t *testing.T) {
	cfg := testConfig(t)
	file := filepath.Join(t.TempDir(), "consilium.yaml")
	args := initArgs(cfg, file)

	// What is wrong is said before anything is made.
	call(t, exitUsage, "init", "--config", file, "--data", cfg.Data)
	call(t, exitUsage, append(args, "--public-url", "nowhere")...)
	call(t, exitUsage, append(args, "--jurisdiction", "moon")...)
	if _, err := os.Stat(file); err == nil {
		t.Fatal("a refused init wrote a configuration")
	}
	// A clinic that can't be leaves data without a clinic, and the next try takes it.
	call(t, exitUsage, append(args, "--zone", "Moscow")...)
	call(t, exitUsage, append(args, "--admin-email", "nobody")...)

	out := answered[initResult](t, args...)
	if !strings.HasPrefix(out.Link, "https://clinic.example/activate#") || out.Config != file || out.Clinic != "garden" {
		t.Errorf("init answered %+v", out)
	}
	loaded, err := configs.Load(file, nil)
	if err != nil || loaded.PublicURL != "https://clinic.example" || loaded.Data != cfg.Data {
		t.Errorf("the configuration is %+v, %v", loaded, err)
	}
	said := call(t, exitFailure, args...)
	if !strings.Contains(said, "already") {
		t.Errorf("a second init said %q", said)
	}
	if v := answered[clinicLines](t, "clinic", "list", "--config", file); len(v.Clinics) != 1 || v.Clinics[0].Jurisdiction != "ru" {
		t.Errorf("the clinics are %+v", v)
	}
}

func TestClinicsAndStaffByCommand(t *testing.T) {
	cfg := testConfig(t)
	_, stop := startServe(t, cfg)
	data := []string{"--data", cfg.Data}
	run := func(want int, args ...string) string { t.Helper(); return call(t, want, append(args, data...)...) }

	added := answered[clinicLine](t, append([]string{"clinic", "add", "--slug", "second", "--name", "Second", "--languages", "en", "--jurisdiction", "general"}, data...)...)
	if added.Slug != "second" || added.Name != "Second" {
		t.Errorf("added %+v", added)
	}
	said := run(exitFailure, "clinic", "add", "--slug", "second", "--name", "Second")
	if !strings.Contains(said, "short name") {
		t.Errorf("a second of the same name: %q", said)
	}
	run(exitUsage, "clinic", "add", "--slug", "Not a slug", "--name", "x")
	run(exitUsage, "clinic", "suspend")
	run(exitUsage, "clinic", "suspend", "elsewhere")
	run(exitOK, "clinic", "suspend", "second")
	run(exitFailure, "clinic", "suspend", "second")
	list := answered[clinicLines](t, append([]string{"clinic", "list"}, data...)...)
	closed := 0
	for _, v := range list.Clinics {
		if v.Suspended != nil {
			closed++
		}
	}
	if closed != 1 {
		t.Errorf("%d clinics are suspended", closed)
	}
	run(exitOK, "clinic", "resume", "second")
	run(exitOK, "clinic", "jurisdiction", "second", "--jurisdiction", "ru")

	run(exitUsage, "staff", "add", "--role", "clinic_admin", "--name", "A", "--email", "a@example.org") // which clinic?
	admin := answered[staffResult](t, append([]string{"staff", "add", "--clinic", "second", "--role", "clinic_admin", "--name", "Ann", "--email", "ann@example.org"}, data...)...)
	if !strings.Contains(admin.Link, "/activate#") {
		t.Errorf("registered %+v", admin)
	}
	run(exitFailure, "staff", "add", "--clinic", "second", "--role", "registrar", "--name", "Ann", "--email", "ann@example.org")
	run(exitUsage, "staff", "add", "--clinic", "second", "--role", "practitioner", "--name", "Doc", "--email", "doc@example.org")
	run(exitUsage, "staff", "add", "--clinic", "second", "--role", "patient", "--name", "P", "--email", "p@example.org")
	run(exitOK, "staff", "add", "--clinic", "second", "--role", "practitioner", "--name", "Doc", "--email", "doc@example.org",
		"--specialty", "Cardiologist", "--licence-no", "1", "--licence-until", "2030-01-01")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	// The operator's deeds are in the trail, without names.
	text := run(exitOK, "audit", "export", "--clinic", "second")
	for _, want := range []string{`"clinic.create"`, `"clinic.suspend"`, `"clinic.resume"`, `"staff.register"`, `"Role":"operator"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the trail has no %s", want)
		}
	}
	if strings.Contains(text, "ann@example.org") || strings.Contains(text, "Ann") {
		t.Error("the trail names people")
	}
}

func TestAuditExport(t *testing.T) {
	cfg := testConfig(t)
	_, stop := startServe(t, cfg)
	away := t.TempDir()
	file := filepath.Join(away, "trail.csv")
	call(t, exitOK, "audit", "export", "--data", cfg.Data, "--format", "csv", "--out", file)
	call(t, exitFailure, "audit", "export", "--data", cfg.Data, "--format", "csv", "--out", file)
	call(t, exitUsage, "audit", "export", "--data", cfg.Data, "--format", "xml")
	call(t, exitUsage, "audit", "export", "--data", cfg.Data, "--from", "yesterday")
	text, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(text, []byte("n,at,actor,")) || bytes.Count(text, []byte("\n")) < 20 {
		t.Errorf("the export is %.200s, %v", text, err)
	}
	if said := call(t, exitOK, "audit", "export", "--data", cfg.Data, "--to", "2001-01-01"); said != "" {
		t.Errorf("before there was anything: %q", said)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// TestAuditHeads puts the whole data back to an older state, which the chain alone cannot
// show, and finds it by the heads that were kept elsewhere.
func TestAuditHeads(t *testing.T) {
	cfg := testConfig(t)
	away := t.TempDir()
	cfg.Audit.HeadFile = filepath.Join(away, "heads.jsonl")
	_, stop := startServe(t, cfg)
	file := func(name string) string { return filepath.Join(away, name) }
	copyKey(t, cfg, file("key"))
	call(t, exitOK, "backup", "--data", cfg.Data, "--data-to", file("data"), "--keys-to", file("keys"))
	call(t, exitOK, "clinic", "suspend", "meridian", "--data", cfg.Data) // is lost by putting it back
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	verify := func(want int, data string) string {
		return call(t, want, "audit", "verify", "--data", data, "--since-head", cfg.Audit.HeadFile)
	}
	verify(exitOK, cfg.Data)
	old := testConfig(t)
	call(t, exitOK, "restore", "--data", old.Data, "--data-from", file("data"), "--keys-from", file("keys"), "--key", file("key"))
	call(t, exitOK, "audit", "verify", "--data", old.Data)
	if said := verify(exitFailure, old.Data); !strings.Contains(said, "is missing") {
		t.Errorf("data that was put back: %q", said)
	}
	for _, deed := range []string{"suspend", "resume", "suspend", "resume"} { // goes on another way, and further
		call(t, exitOK, "clinic", deed, "meridian", "--data", old.Data)
	}
	if said := verify(exitFailure, old.Data); !strings.Contains(said, "kept elsewhere") {
		t.Errorf("data that went another way: %q", said)
	}
	call(t, exitFailure, "audit", "verify", "--data", old.Data, "--since-head", file("none"))
	if err := os.WriteFile(file("junk"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	call(t, exitUsage, "audit", "verify", "--data", old.Data, "--since-head", file("junk"))
	heads := answered[headList](t, "audit", "head", "--data", cfg.Data)
	if len(heads.Heads) != 1 || heads.Heads[0].N == 0 {
		t.Errorf("the heads are %+v", heads)
	}
}
