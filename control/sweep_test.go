package control

import (
	"context"
	"errors"
	"strings"
	"testing"

	"consilium/store"
)

func TestSweepRemovesOnlyWhatNoRecordNames(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begin(t)
	kept, _, err := w.Documents.Upload(ctx, w.actor("patient"), w.due.Encounter, Upload{Name: "a.txt", Content: strings.NewReader("blood count")})
	must(t, err)
	lost, err := w.blobs.Put(ctx, string(w.demo.clinic.ID), "", strings.NewReader("half of an upload"))
	must(t, err)
	there := func(blob string) bool {
		f, err := w.blobs.Open(ctx, string(w.demo.clinic.ID), blob)
		if errors.Is(err, store.ErrNotFound) {
			return false
		}
		must(t, err)
		must(t, f.Close())
		return true
	}

	must(t, w.sweepFiles(ctx))
	if !there(lost.ID) {
		t.Error("a file of today was removed: its record may be on its way")
	}
	w.clock.Advance(2 * store.OrphanAge)
	must(t, w.sweepFiles(ctx))
	if there(lost.ID) {
		t.Error("a file without a record stayed")
	}
	if !there(kept.Blob) {
		t.Error("a document lost its file")
	}
}

// countingDB counts the turns at the writer.
type countingDB struct {
	store.DB
	updates int
}

func (d *countingDB) Update(ctx context.Context, fn func(store.Tx) error) error {
	d.updates++
	return d.DB.Update(ctx, fn)
}

func TestWrongLinkTakesNoTurnAtTheWriter(t *testing.T) {
	w := newWorld(t)
	db := &countingDB{DB: w.core.db}
	w.core.db = db
	_, err := w.Sessions.SignIn(context.Background(), LinkDemo, newToken(w.demo.clinic.ID))
	wantCode(t, err, CodeLinkInvalid)
	if db.updates != 0 {
		t.Errorf("a wrong link took %d turns", db.updates)
	}
}
