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

// call runs a command line and returns what it printed.
func call(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Main(args, &out, &errs); code != want {
		t.Fatalf("%s: exit code %d, want %d: %s", strings.Join(args, " "), code, want, errs.String())
	}
	return out.String() + errs.String()
}

// copyKey keeps the key file of the moment where the backups are not.
func copyKey(t *testing.T, cfg configs.Config, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(keysFolder(cfg), keyFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	cfg := testConfig(t)
	links, stop := startServe(t, cfg)
	away := t.TempDir()
	file := func(name string) string { return filepath.Join(away, name) }
	copyKey(t, cfg, file("key"))

	// With the server running, through it.
	call(t, exitOK, "backup", "--data", cfg.Data, "--data-to", file("data"), "--keys-to", file("keys"))
	call(t, exitFailure, "backup", "--data", cfg.Data, "--data-to", file("data"), "--keys-to", file("keys2"))
	call(t, exitOK, "store", "check", "--data", cfg.Data)
	said := call(t, exitFailure, "store", "compact", "--data", cfg.Data)
	if !strings.Contains(said, "another process") {
		t.Errorf("compact beside a server said %q", said)
	}
	var rotated rotateResult
	if err := json.Unmarshal([]byte(call(t, exitOK, "keys", "rotate", "--json", "--data", cfg.Data)), &rotated); err != nil || rotated.Key == "" {
		t.Errorf("rotate answered %+v, %v", rotated, err)
	}
	clinic := onlyClinic(t, cfg)
	said = call(t, exitOK, "keys", "rotate", "--clinic", clinic, "--data", cfg.Data)
	if !strings.Contains(said, "new key") {
		t.Errorf("rotating a clinic's key said %q", said)
	}
	call(t, exitFailure, "keys", "rotate", "--clinic", "nobody", "--data", cfg.Data)
	if status, _ := fetch(t, base(t, links)+"/readyz"); status != 200 {
		t.Errorf("not ready after the operator's commands: %d", status)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	// Without it, on the folder.
	call(t, exitOK, "keys", "rotate", "--json", "--clinic", clinic, "--data", cfg.Data)
	call(t, exitOK, "store", "check", "--json", "--data", cfg.Data)
	call(t, exitOK, "store", "compact", "--data", cfg.Data)
	copyKey(t, cfg, file("key-2"))
	call(t, exitOK, "backup", "--json", "--data", cfg.Data, "--data-to", file("data-2"), "--keys-to", file("keys-2"))

	for name, keys := range map[string][3]string{"before the new key": {"data", "keys", "key"}, "after it": {"data-2", "keys-2", "key-2"}} {
		from := []string{"--data-from", file(keys[0]), "--keys-from", file(keys[1]), "--key", file(keys[2])}
		said := call(t, exitOK, append([]string{"restore", "--drill"}, from...)...)
		if !strings.Contains(said, "The backup is good.") {
			t.Errorf("%s: the drill said %q", name, said)
		}
		target := testConfig(t)
		call(t, exitOK, append([]string{"restore", "--data", target.Data}, from...)...)
		call(t, exitFailure, append([]string{"restore", "--data", target.Data}, from...)...)
		call(t, exitOK, "store", "check", "--data", target.Data)
		_, stop := startServe(t, target)
		if err := stop(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	call(t, exitFailure, "restore", "--drill", "--data-from", file("data"), "--keys-from", file("keys"), "--key", file("key-2"))
}

// onlyClinic is the id of the one clinic in a data folder.
func onlyClinic(t *testing.T, cfg configs.Config) string {
	t.Helper()
	var list struct {
		Clinics []struct {
			ID string `json:"id"`
		} `json:"clinics"`
	}
	said := call(t, exitOK, "clinic", "list", "--json", "--data", cfg.Data)
	if err := json.Unmarshal([]byte(said), &list); err != nil || len(list.Clinics) != 1 {
		t.Fatalf("clinic list: %v in %s", err, said)
	}
	return list.Clinics[0].ID
}

func TestDamagedBackupIsRefused(t *testing.T) {
	cfg := testConfig(t)
	_, stop := startServe(t, cfg)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	away := t.TempDir()
	data, keys, key := filepath.Join(away, "data"), filepath.Join(away, "keys"), filepath.Join(away, "key")
	copyKey(t, cfg, key)
	call(t, exitOK, "backup", "--data", cfg.Data, "--data-to", data, "--keys-to", keys)
	text, err := os.ReadFile(data)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(data, text, 0o600); err != nil {
		t.Fatal(err)
	}
	target := testConfig(t)
	call(t, exitFailure, "restore", "--data", target.Data, "--data-from", data, "--keys-from", keys, "--key", key)
	if fresh, err := isNew(target.Data, filepath.Join(away, "none")); err != nil || !fresh {
		t.Errorf("a damaged backup left a database (%v)", err)
	}
}

func TestOperatorsCommandsWithoutData(t *testing.T) {
	cfg := testConfig(t)
	said := call(t, exitFailure, "store", "check", "--data", cfg.Data)
	if !strings.Contains(said, "no data") {
		t.Errorf("said %q", said)
	}
	if _, err := os.Stat(cfg.Data); err == nil {
		t.Error("a check made a data folder")
	}
	call(t, exitUsage, "backup", "--data", cfg.Data)
	call(t, exitUsage, "restore", "--data", cfg.Data)
}
