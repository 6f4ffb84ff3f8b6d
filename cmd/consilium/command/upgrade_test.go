package command

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"consilium/configs"
	"consilium/control"
	"consilium/control/calendar"
	"consilium/store"
)

// oldData restores the backup that a program of schema 1 made. The program of today reads
// backups of the version before it.
func oldData(t *testing.T) configs.Config {
	t.Helper()
	cfg := testConfig(t)
	from := filepath.Join("testdata", "schema1")
	call(t, exitOK, "restore", "--data", cfg.Data, "--data-from", filepath.Join(from, "data.backup"),
		"--keys-from", filepath.Join(from, "keys.backup"), "--key", filepath.Join(from, "key"))
	return cfg
}

// schemaOf reads or, with set > 0, writes the number of a data folder's schema, past the
// check that a start makes.
func schemaOf(t *testing.T, cfg configs.Config, set uint64) (n uint64) {
	t.Helper()
	s, err := openSealed(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(t.Context(), func(tx store.Tx) error {
		if set > 0 {
			_, err := tx.Put("sys", []byte("schema"), binary.AppendUvarint(nil, set), store.Any)
			return err
		}
		raw, _, err := tx.Get("sys", []byte("schema"))
		n, _ = binary.Uvarint(raw)
		return err
	})
	if err := errors.Join(err, s.close()); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestUpgrade starts today's server on data of schema 1: it backs up first, says so,
// brings the data up to date, and does neither again. The backup goes back to schema 1.
func TestUpgrade(t *testing.T) {
	cfg := oldData(t)
	if n := schemaOf(t, cfg, 0); n != 1 {
		t.Fatalf("the old data has schema %d", n)
	}
	var log strings.Builder
	s, err := openStorage(t.Context(), cfg, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if said := log.String(); !strings.Contains(said, "backing it up") || !strings.Contains(said, "backed up") {
		t.Errorf("the log says %q", said)
	}
	if n := schemaOf(t, cfg, 0); n < 7 {
		t.Errorf("the data still has schema %d", n)
	}
	data, keys := madeBackups(t, cfg)
	oldVisitsAreRight(t, cfg)
	call(t, exitOK, "store", "check", "--data", cfg.Data)
	_, stop := startServe(t, cfg)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if again, _ := madeBackups(t, cfg); again != data {
		t.Errorf("another start made another backup: %s", again)
	}

	back := testConfig(t)
	from := []string{"--data-from", data, "--keys-from", keys, "--key", filepath.Join(keysFolder(cfg), keyFile)}
	call(t, exitOK, append([]string{"restore", "--drill"}, from...)...)
	call(t, exitOK, append([]string{"restore", "--data", back.Data}, from...)...)
	if n := schemaOf(t, back, 0); n != 1 {
		t.Errorf("the backup made before the change has schema %d", n)
	}
}

// oldVisitsAreRight holds counts and board of upgraded data against its visits one by one,
// before anything was written to them, and moves what is there on.
func oldVisitsAreRight(t *testing.T, cfg configs.Config) {
	t.Helper()
	s, err := openStorage(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOperator(cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	clinics, err := o.control.Clinics.All(ctx, control.Operator(""))
	if err != nil || len(clinics) != 1 {
		t.Fatalf("clinics %v, %v", clinics, err)
	}
	visits := o.control.Appointments
	admin := control.Actor{Clinic: clinics[0].ID, Role: control.RoleAdmin}
	// Any time near the day on which the data was made.
	first, last := calendar.Date{Year: 2026, Month: 11, Day: 1}, calendar.Date{Year: 2026, Month: 12, Day: 31}
	all, next, err := visits.List(ctx, admin, control.AppointmentFilter{
		From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), Limit: 200,
	})
	if err != nil || next != "" || len(all) < 20 {
		t.Fatalf("%d visits, then %q, %v", len(all), next, err)
	}
	want, pending := map[string]int{}, map[control.Status]int{}
	for _, v := range all {
		want[v.Wall[:10]+" "+string(v.Status)]++
		pending[v.Status]++
	}
	days, err := visits.DayCounts(ctx, admin, control.CountFilter{First: first, Last: last})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, day := range days {
		for status, n := range day.Statuses {
			got[day.Day.String()+" "+string(status)] = n
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
	board, err := visits.Board(ctx, admin, control.BoardFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range board {
		if column.Today {
			continue
		}
		n := 0
		for _, status := range column.Statuses {
			n += pending[status]
		}
		if column.Count != n || len(column.Items) != n {
			t.Errorf("column %s counts %d and shows %d, want %d", column.Name, column.Count, len(column.Items), n)
		}
	}
	moved := 0
	for _, v := range all {
		if v.Status != control.Booked {
			continue
		}
		if _, err := visits.Cancel(ctx, admin, v.ID, "x"); err != nil {
			t.Errorf("cancel a visit of before: %v", err)
		}
		again := control.Booking{
			Patient: v.Patient, Practitioner: v.Appointment.Practitioner, Service: v.Appointment.Service, Waiver: "x",
			Start: time.Now().AddDate(0, 0, 1+moved).Truncate(time.Hour),
		}
		if made, err := visits.Book(ctx, admin, again); err != nil || made.Status != control.Booked {
			t.Errorf("book with a doctor and a patient of before: %s, %v", made.Status, err)
		}
		if moved++; moved == 3 {
			break
		}
	}
	if moved == 0 {
		t.Error("the old data has no booked visit")
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
}

// madeBackups returns the one backup of data and the one of keys in the folder.
func madeBackups(t *testing.T, cfg configs.Config) (data, keys string) {
	t.Helper()
	for what, file := range map[string]*string{"data": &data, "keys": &keys} {
		found, err := filepath.Glob(filepath.Join(backupsFolder(cfg), what+"-schema-1-*.backup"))
		if err != nil || len(found) != 1 {
			t.Fatalf("backups of %s: %v, %v", what, found, err)
		}
		*file = found[0]
	}
	return data, keys
}

// TestUpgradeNeedsItsBackup: when the backup fails the start does, and nothing changes.
func TestUpgradeNeedsItsBackup(t *testing.T) {
	cfg := oldData(t)
	cfg.Backups = filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(cfg.Backups, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openStorage(t.Context(), cfg, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "back up") {
		t.Fatalf("started without a backup: %v", err)
	}
	if n := schemaOf(t, cfg, 0); n != 1 {
		t.Errorf("the data has schema %d", n)
	}
	cfg.Backups = ""
	s, err := openStorage(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	madeBackups(t, cfg)
}

// TestNewerDataIsRefused: an older program leaves what a newer one wrote alone.
func TestNewerDataIsRefused(t *testing.T) {
	cfg := oldData(t)
	schemaOf(t, cfg, 99)
	_, err := openStorage(context.Background(), cfg, slog.New(slog.DiscardHandler))
	if !errors.Is(err, store.ErrSchema) {
		t.Fatalf("opened data of schema 99: %v", err)
	}
	if n := schemaOf(t, cfg, 0); n != 99 {
		t.Errorf("schema is now %d", n)
	}
	said := call(t, exitFailure, "store", "check", "--data", cfg.Data)
	if !strings.Contains(said, "99") {
		t.Errorf("a command said %q", said)
	}
}
