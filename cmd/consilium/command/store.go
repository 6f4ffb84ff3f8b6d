package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"consilium/configs"
	"consilium/store/bolt"
)

func newStoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Check or compact the data",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newStoreCheckCommand(), newStoreCompactCommand())
	return cmd
}

func newStoreCheckCommand() *cobra.Command {
	var flags configFlags
	asJSON := false
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read all data and name what is damaged",
		Long: `Reads every page of the database, every seal and every file, while the server runs or
not, and names what is damaged. Nothing is changed. Exit status 1 means damage: restore
a backup.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			r, err := onStorage(cmd.Context(), cfg, "/check", struct{}{}, (*storage).check)
			if err != nil {
				return err
			}
			if asJSON {
				return errors.Join(json.NewEncoder(cmd.OutOrStdout()).Encode(r), r.err())
			}
			fmt.Fprintf(cmd.OutOrStdout(), "database  %d rows in %d pages\nkeys      %d rows\nseals     %d opened, %d of erased people\nfiles     %d\n",
				r.Database.Rows, r.Database.Pages, r.Keys.Rows, r.Seals.Values, r.Seals.Erased, r.Files.Files)
			if err := r.err(); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "No damage was found.")
			return err
		},
	}
	flags.addFlags(cmd.Flags(), "data", "keys")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newStoreCompactCommand() *cobra.Command {
	var flags configFlags
	asJSON := false
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Give the space of deleted data back to the disk",
		Long: `Rewrites the database without the space that deleted records left. The server must be
stopped. A cut-off run leaves the database as it was.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			before, after, err := bolt.Compact(cmd.Context(), cfg.Data)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]int64{"before": before, "after": after})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d bytes before, %d after.\n", before, after)
			return err
		},
	}
	flags.addFlags(cmd.Flags(), "data")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newKeysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Change the key that opens the data",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newKeysRotateCommand())
	return cmd
}

func newKeysRotateCommand() *cobra.Command {
	var flags configFlags
	clinic, asJSON := "", false
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Lock the keys with a new key file, or give a clinic a new key",
		Long: `Makes a new key file and locks the ring of keys with it, while the server runs or not.
Records and files stay as they are. Backups made before still open with the key file of
their time, and with nothing else: keep it as long as you keep them, and make a new
backup now.

With --clinic it changes a clinic's key instead, which wraps those of its patients. The
old one is destroyed; the key file stays. Do it after somebody may have seen the keys, and
throw away the backups of the keys that were made before.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			if clinic != "" {
				return rotateClinic(cmd.Context(), cfg, clinic, asJSON, cmd.OutOrStdout())
			}
			return rotateFile(cmd.Context(), cfg, asJSON, cmd.OutOrStdout())
		},
	}
	flags.addFlags(cmd.Flags(), "data", "keys")
	cmd.Flags().StringVar(&clinic, "clinic", "", "id of the clinic whose key is to be changed")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func rotateFile(ctx context.Context, cfg configs.Config, asJSON bool, out io.Writer) error {
	r, err := onStorage(ctx, cfg, "/keys/rotate", struct{}{}, (*storage).rotate)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	_, err = fmt.Fprintf(out, "The key is now %s, in %s. Put a copy where the backups are not.\n", r.Key, r.File)
	return err
}

func rotateClinic(ctx context.Context, cfg configs.Config, clinic string, asJSON bool, out io.Writer) error {
	r, err := onStorage(ctx, cfg, "/keys/rotate-clinic", clinicKeys{clinic}, (*storage).rotateClinic)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	_, err = fmt.Fprintln(out, "The clinic has a new key. Make a backup of the keys now, and throw the older ones away.")
	return err
}
