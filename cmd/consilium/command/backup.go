package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"consilium/configs"
	"consilium/store/backup"
	"consilium/store/keyring"
)

type backupOptions struct {
	configFlags
	dataTo, keysTo string
	asJSON         bool
}

func newBackupCommand() *cobra.Command {
	var opts backupOptions
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Back up data and keys while the server runs",
		Long: `Writes two encrypted files: the data, and the ring of keys that opens it. Keep them
apart, and keep the key file (the file "key" in the folder of keys) in a third place:
who has all three can read everything, and who lost one of them can read nothing.

The server goes on meanwhile. A running server writes the files itself, so their folders
must be open to its user. The files appear under their names when they are whole.

    consilium backup --data-to /backup/data-monday --keys-to /vault/keys-monday`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.dataTo == "" || opts.keysTo == "" {
				return fmt.Errorf("%w: --data-to and --keys-to are needed", errUsage)
			}
			cfg, err := opts.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			return runBackup(cmd.Context(), cfg, opts, cmd.OutOrStdout())
		},
	}
	opts.addFlags(cmd.Flags(), "data", "keys")
	cmd.Flags().StringVar(&opts.dataTo, "data-to", "", "file for the data; it must not exist")
	cmd.Flags().StringVar(&opts.keysTo, "keys-to", "", "file for the keys; it must not exist")
	cmd.Flags().BoolVar(&opts.asJSON, "json", false, "print JSON")
	return cmd
}

func runBackup(ctx context.Context, cfg configs.Config, opts backupOptions, out io.Writer) error {
	var req backupRequest
	var err error
	if req.Data, err = filepath.Abs(opts.dataTo); err != nil {
		return fmt.Errorf("find the folder of the backup: %w", err)
	}
	if req.Keys, err = filepath.Abs(opts.keysTo); err != nil {
		return fmt.Errorf("find the folder of the backup: %w", err)
	}
	result, err := onStorage(ctx, cfg, "/backup", req, (*storage).backup)
	if err != nil {
		return err
	}
	if opts.asJSON {
		return json.NewEncoder(out).Encode(result)
	}
	for _, f := range []backupFile{result.Data, result.Keys} {
		fmt.Fprintf(out, "%s: %d parts, %d bytes, opens with key %s\n", f.File, f.Parts, f.Bytes, f.Key)
	}
	return nil
}

type restoreOptions struct {
	configFlags
	dataFrom, keysFrom, key string
	drill                   bool
	asJSON                  bool
}

func newRestoreCommand() *cobra.Command {
	var opts restoreOptions
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Restore a backup into empty folders, or prove that one can be restored",
		Long: `Restores data and keys into the folders of the configuration, which must be empty or
not there, and puts the key file beside the keys. Nothing appears in its place before
all of the backup was read and found right.

With --drill it restores into a temporary folder instead, reads every record and file
there, prints how long it took and what would be lost if the server were gone now, and
removes it again.

    consilium restore --data-from data-monday --keys-from keys-monday --key key
    consilium restore --drill --data-from data-monday --keys-from keys-monday --key key`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.dataFrom == "" || opts.keysFrom == "" || opts.key == "" {
				return fmt.Errorf("%w: --data-from, --keys-from and --key are needed", errUsage)
			}
			cfg, err := opts.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			if opts.drill {
				return runDrill(cmd.Context(), opts, cmd.OutOrStdout())
			}
			return runRestore(cmd.Context(), cfg, opts, cmd.OutOrStdout())
		},
	}
	opts.addFlags(cmd.Flags(), "data", "keys")
	cmd.Flags().StringVar(&opts.dataFrom, "data-from", "", "backup of the data")
	cmd.Flags().StringVar(&opts.keysFrom, "keys-from", "", "backup of the keys")
	cmd.Flags().StringVar(&opts.key, "key", "", "the key file that both open with")
	cmd.Flags().BoolVar(&opts.drill, "drill", false, "prove the backup and keep nothing")
	cmd.Flags().BoolVar(&opts.asJSON, "json", false, "print JSON")
	return cmd
}

func runRestore(ctx context.Context, cfg configs.Config, opts restoreOptions, out io.Writer) error {
	kek, err := keyring.ReadKEK(opts.key)
	if err != nil {
		return err
	}
	start := time.Now()
	folder := keysFolder(cfg)
	keys, err := backup.Restore(ctx, opts.keysFrom, folder, kek)
	if err != nil {
		return err
	}
	// The data comes last: a server must find keys wherever it finds data.
	if err := keyring.WriteKEK(filepath.Join(folder, keyFile), kek); err != nil {
		return err
	}
	data, err := backup.Restore(ctx, opts.dataFrom, cfg.Data, kek)
	if err != nil {
		return err
	}
	if opts.asJSON {
		return json.NewEncoder(out).Encode(backupResult{Data: describe(cfg.Data, data), Keys: describe(folder, keys)})
	}
	_, err = fmt.Fprintf(out, "Restored %d parts of %s in %s. Start the server with consilium serve.\n",
		len(data.Parts)+len(keys.Parts), data.Created.Format(time.RFC3339), time.Since(start).Round(time.Millisecond))
	return err
}

func runDrill(ctx context.Context, opts restoreOptions, out io.Writer) error {
	kek, err := keyring.ReadKEK(opts.key)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "consilium-drill-")
	if err != nil {
		return fmt.Errorf("make a folder for the drill: %w", err)
	}
	report, err := backup.Drill(ctx, opts.dataFrom, opts.keysFrom, kek, scratch, time.Now())
	if err := errors.Join(err, os.Remove(scratch)); err != nil {
		return err
	}
	if opts.asJSON {
		return errors.Join(json.NewEncoder(out).Encode(report), report.Err())
	}
	fmt.Fprintf(out, "backup of     %s\n", report.Created.Format(time.RFC3339))
	fmt.Fprintf(out, "lost if gone  what came in the %s since\n", report.Age.Round(time.Second))
	fmt.Fprintf(out, "restored in   %s\n", report.Restore.Round(time.Millisecond))
	fmt.Fprintf(out, "checked in    %s: %d rows, %d sealed values, %d files\n", report.Check.Round(time.Millisecond), report.Database.Rows, report.Seals.Values, report.Files.Files)
	if err := report.Err(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "The backup is good.")
	return err
}
