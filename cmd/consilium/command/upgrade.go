package command

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"consilium/configs"
	"consilium/control"
	"consilium/store"
)

// backupsFolder returns the folder of the backups that the server makes by itself before
// an upgrade changes the data: the operator's, or one beside the data folder.
func backupsFolder(cfg configs.Config) string {
	if cfg.Backups != "" {
		return cfg.Backups
	}
	return filepath.Clean(cfg.Data) + "-backups"
}

// upgrade brings the data to the schema of this program. Before the first change it makes
// a backup; without one nothing is changed. What a kill cuts off goes on at the next start.
func (s *storage) upgrade(ctx context.Context, folder string, log *slog.Logger) error {
	return store.Migrate(ctx, s.db, control.Schema(), func(ctx context.Context, from, to uint64) error {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("make the folder of backups: %w", err)
		}
		at := time.Now()
		name := func(what string) string {
			return filepath.Join(folder, fmt.Sprintf("%s-schema-%d-%s.backup", what, from, at.UTC().Format("20060102T150405.000Z")))
		}
		log.Info("the data is of an older version: backing it up before it is changed", "schema", from, "new", to, "folder", folder)
		made, err := s.backup(ctx, backupRequest{Data: name("data"), Keys: name("keys")})
		if err != nil {
			return err
		}
		log.Info("backed up; with the key file of now this goes back to the older version",
			"data", made.Data.File, "keys", made.Keys.File, "key", made.Data.Key)
		return nil
	})
}
