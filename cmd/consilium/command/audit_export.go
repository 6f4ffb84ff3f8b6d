package command

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"consilium/configs"
)

type exportOptions struct {
	configFlags
	clinic, from, to, format, out string
}

func newAuditExportCommand() *cobra.Command {
	var opts exportOptions
	asJSON := false
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write a clinic's audit trail as JSON lines or CSV",
		Long: `Writes the entries of a clinic's audit trail, the oldest first, as JSON lines (with all
that their hashes are made of) or as CSV. It holds ids, no names. The export is itself
an entry of the trail.

    consilium audit export --clinic garden --from 2026-11-01 --to 2026-12-01 --out november.jsonl`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			if asJSON {
				opts.format = "jsonl"
			}
			return runExport(cmd.Context(), cfg, opts, cmd.OutOrStdout())
		},
	}
	opts.addFlags(cmd.Flags(), "data", "keys")
	f := cmd.Flags()
	f.StringVar(&opts.clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	f.StringVar(&opts.from, "from", "", "from this day or time on (UTC): 2026-11-01 or 2026-11-01T09:00:00Z")
	f.StringVar(&opts.to, "to", "", "up to this day or time, without it")
	f.StringVar(&opts.format, "format", "jsonl", "jsonl or csv")
	f.StringVar(&opts.out, "out", "", "file, which must not exist; standard output without it")
	f.BoolVar(&asJSON, "json", false, "the same as --format jsonl")
	return cmd
}

func runExport(ctx context.Context, cfg configs.Config, opts exportOptions, stdout io.Writer) (err error) {
	req := exportRequest{Clinic: opts.clinic}
	if req.From, err = moment("--from", opts.from); err != nil {
		return err
	}
	if req.To, err = moment("--to", opts.to); err != nil {
		return err
	}
	var write func(io.Writer, []exportLine, bool) error
	switch opts.format {
	case "jsonl":
		write = writeJSONLines
	case "csv":
		write = writeCSV
	default:
		return fmt.Errorf("%w: --format: jsonl or csv", errUsage)
	}
	// The first page also shows whether there is anything to write about at all.
	page, err := onControl(ctx, cfg, "/audit/export", req, (*operator).exportAudit)
	if err != nil {
		return err
	}
	w := stdout
	if opts.out != "" {
		file, err := os.OpenFile(opts.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		defer func() { err = errors.Join(err, file.Sync(), file.Close()) }()
		w = file
	}
	for first := true; ; first = false {
		if err := write(w, page.Lines, first); err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		if page.Last == 0 {
			return nil
		}
		req.After = page.Last
		if page, err = onControl(ctx, cfg, "/audit/export", req, (*operator).exportAudit); err != nil {
			return err
		}
	}
}

// moment reads a day or a time; "" is none.
func moment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: %s: want 2026-11-01 or 2026-11-01T09:00:00Z", errUsage, flag)
}

func writeJSONLines(w io.Writer, lines []exportLine, _ bool) error {
	encoder := json.NewEncoder(w)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func writeCSV(w io.Writer, lines []exportLine, first bool) error {
	table := csv.NewWriter(w)
	if first {
		if err := table.Write([]string{"n", "at", "actor", "role", "action", "kind", "object", "from", "to", "note", "hash"}); err != nil {
			return err
		}
	}
	for _, l := range lines {
		err := table.Write([]string{
			strconv.FormatUint(l.N, 10), l.At.UTC().Format(time.RFC3339Nano), string(l.Actor), string(l.Role), l.Action, l.Kind, l.Object,
			string(l.From), string(l.To), l.Note, l.Hash,
		})
		if err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}
