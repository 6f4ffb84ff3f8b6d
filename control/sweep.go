package control

import (
	"context"

	"consilium/store"
)

// sweepFiles removes the files that no record came to name: those of uploads that a
// stopped server left half done. The store keeps files of the last day out of it, whose
// records may still be on their way.
func (c *Control) sweepFiles(ctx context.Context) error {
	n, err := c.blobs.Sweep(ctx, store.OrphanAge, func(scope, blob string) (bool, error) {
		named := false
		err := c.view(ctx, System(ClinicID(scope)), func(u *unit) error {
			named = false
			clinic, err := u.clinic()
			if err != nil {
				return err
			}
			if named = clinic.Logo.Blob == blob; named {
				return nil
			}
			for _, err := range u.t.documents.Where(u, u.scope, u.t.docsByBlob, store.Text(blob)) {
				named = err == nil
				return err
			}
			return nil
		})
		return named, err
	})
	if n > 0 {
		c.log.Info("files without a record were removed", "files", n)
	}
	return err
}
