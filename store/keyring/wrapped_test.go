package keyring_test

import (
	"bytes"
	"testing"

	"consilium/store"
	"consilium/store/mem"
)

// unitOfWork is a Tx with more beside it, as layers above the store make one.
type unitOfWork struct {
	store.Tx
	clinic string
}

func TestWrappedTransactionSeals(t *testing.T) {
	type note struct {
		store.Revised
		ID, Text string
	}
	notes := store.NewCollection("note", func(n *note) string { return n.ID })
	raw := mem.Open()
	sealed := seal(t, raw, create(t, mem.Open()))
	err := sealed.Update(ctx, func(tx store.Tx) error {
		u := unitOfWork{Tx: tx, clinic: "clinic"}
		_, err := notes.Put(u, u.clinic, &note{ID: "n", Text: "headache"}, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = raw.View(ctx, func(tx store.Tx) error {
		for item, err := range tx.Scan("note", nil, nil) {
			if err != nil {
				return err
			}
			if bytes.Contains(item.Value, []byte("headache")) {
				t.Error("a record written through a wrapped transaction is not sealed")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = sealed.View(ctx, func(tx store.Tx) error {
		got, _, err := notes.Get(unitOfWork{Tx: tx}, "clinic", "n")
		if err == nil && got.Text != "headache" {
			t.Errorf("read %q", got.Text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
