package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"consilium/configs"
)

type serveOptions struct {
	configFlags
	demo      bool
	demoLinks string
}

func (o *serveOptions) addFlags(flags *pflag.FlagSet) {
	o.configFlags.addFlags(flags, configs.Keys()...)
	flags.BoolVar(&o.demo, "demo", false, "fill an empty data folder with a demonstration clinic and print sign-in links")
	flags.StringVar(&o.demoLinks, "demo-links", "", "write the demonstration's sign-in links to this file as JSON")
}

func newServeCommand() *cobra.Command {
	var opts serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Runs the whole server in one process until SIGINT or SIGTERM: pages, API and WebSocket
on http.listen, media on one UDP port, and the relay. A second signal ends it at once.

    consilium serve --demo
    consilium serve --config /etc/consilium.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.demoLinks != "" && !opts.demo {
				return fmt.Errorf("%w: --demo-links needs --demo", errUsage)
			}
			cfg, err := opts.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			return runServe(cmd.Context(), cfg, opts, cmd.OutOrStdout(), newLogger(cfg.Log, cmd.ErrOrStderr()))
		},
	}
	opts.addFlags(cmd.Flags())
	return cmd
}

func newLogger(cfg configs.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// runServe runs the server until ctx ends, and then stops it within the configured grace.
func runServe(ctx context.Context, cfg configs.Config, opts serveOptions, out io.Writer, log *slog.Logger) error {
	a, err := newApp(ctx, cfg, opts.demo, log)
	if err != nil {
		return err
	}
	if opts.demo {
		links, err := a.control.SeedDemo(ctx)
		if err != nil {
			return errors.Join(fmt.Errorf("fill the demonstration clinic: %w", err), a.close())
		}
		if err := showDemo(out, opts.demoLinks, links.URLs(a.publicURL), a.senders.folder); err != nil {
			return errors.Join(err, a.close())
		}
		showDemoSignIn(out, a.publicURL, a.control.DemoPassword())
	} else {
		fmt.Fprintf(out, "Consilium is at %s\n", a.publicURL)
		if clinics, err := a.control.Clinics.Open(ctx); err == nil && len(clinics) == 0 {
			fmt.Fprintln(out, "No clinic is open here. Make the first one: consilium init --help")
		}
	}
	return a.run(ctx)
}

// demoPeople says, in the order of the terminal, who each sign-in link is for.
var demoPeople = []struct{ key, who string }{
	{"doctor", "Doctor"},
	{"patient", "Patient, whose visit is due"},
	{"interpreter", "Interpreter of that visit"},
	{"admin", "Administrator"},
	{"registrar", "Registrar"},
	{"accountant", "Accountant"},
	{"doctor2", "Another doctor"},
	{"patient2", "Another patient"},
}

// showDemoSignIn says how to come in without a link; the password only when it is new.
func showDemoSignIn(out io.Writer, publicURL, password string) {
	fmt.Fprintf(out, "Or sign in at %s/sign-in as doctor@meridian.example, admin@meridian.example or sokolov@example.org.\n", publicURL)
	if password != "" {
		fmt.Fprintf(out, "The staff's password, shown this once: %s\n", password)
	}
}

// showDemo prints the sign-in links, and writes them to a file when one is named.
func showDemo(out io.Writer, file string, links map[string]string, messages string) error {
	fmt.Fprintln(out, "\nA demonstration clinic is open. Each link signs in one person; use a browser profile for each.")
	for _, person := range demoPeople {
		fmt.Fprintf(out, "\n  %-28s %s", person.who, links[person.key])
	}
	fmt.Fprintln(out, "\n\nOpen the doctor's and the patient's link, and press Join in both.")
	if messages != "" {
		fmt.Fprintf(out, "Emails and SMS to these people are not sent but written to %s\n", messages)
	}
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(links, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the demonstration's links: %w", err)
	}
	return writeWhole(file, append(text, '\n'))
}

// writeWhole puts a file in place at once, so that who waits for it never reads half.
// The links in it sign people in, so only its owner may read it.
func writeWhole(name string, text []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), ".consilium-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(temp.Name())
	if _, err := temp.Write(text); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), temp.Close())
	}
	if err := temp.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(temp.Name(), name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
