package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"consilium/configs"
	"consilium/control"
)

// initRequest makes the first clinic and its first administrator.
type initRequest struct {
	Clinic clinicRequest `json:"clinic"`
	Admin  staffRequest  `json:"admin"`
}

// initResult says what was made.
type initResult struct {
	staffResult
	Config string `json:"config"`
	URL    string `json:"url"`
}

func (o *operator) found(ctx context.Context, in initRequest) (initResult, error) {
	clinic, m, path, err := o.control.Clinics.Found(ctx, control.Operator(""), in.Clinic.newClinic(), control.StaffInput{
		Name: in.Admin.Name, Email: in.Admin.Email, Phone: in.Admin.Phone, Locale: in.Admin.Locale,
	})
	if err != nil {
		return initResult{}, err
	}
	return initResult{staffResult: o.invited(&clinic, &m, path), URL: o.publicURL}, nil
}

func newInitCommand() *cobra.Command {
	var flags configFlags
	var clinic clinicFlags
	var admin staffRequest
	asJSON := false
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the configuration, the data, the first clinic and its administrator",
		Long: `Sets a new server up without asking anything: writes the configuration file with the
values that were given, makes the data folder and its keys, the first clinic, and its
first administrator, and prints the link by which the administrator chooses how to sign
in. It changes nothing where a clinic is already there, and it can be run again after it
was cut off.

    consilium init --config /etc/consilium.yaml --public-url https://clinic.example \
        --data /var/lib/consilium --slug garden --name ru="Садовая клиника" --name en="Garden Clinic" \
        --admin-name "…" --admin-email …
    consilium serve --config /etc/consilium.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := initRequest{Admin: admin}
			var err error
			if in.Clinic, err = clinic.request(); err != nil {
				return err
			}
			if admin.Name == "" || admin.Email == "" {
				return fmt.Errorf("%w: --admin-name and --admin-email are needed", errUsage)
			}
			written, cfg, err := initConfig(cmd, &flags)
			if err != nil {
				return err
			}
			out, err := initData(cmd.Context(), cfg, in)
			if err != nil {
				return err
			}
			out.Config = flags.file
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(out)
			}
			w := cmd.OutOrStdout()
			if written {
				fmt.Fprintf(w, "Wrote %s: read it once.\n", out.Config)
			}
			fmt.Fprintf(w, "The keys are in %s: copy them to another place, nobody reads the data without them.\n", keysFolder(cfg))
			fmt.Fprintf(w, "\n1. Start the server:   consilium serve --config %s\n2. %s opens this link, for three days and once:\n\n   %s\n", out.Config, out.Name, out.Link)
			return nil
		},
	}
	flags.addFlags(cmd.Flags(), "data", "keys", "publicUrl", "http.listen")
	cmd.Flags().Lookup("config").DefValue = "consilium.yaml"
	flags.file = "consilium.yaml"
	clinic.addFlags(cmd.Flags())
	f := cmd.Flags()
	f.StringVar(&admin.Name, "admin-name", "", "name of the first administrator")
	f.StringVar(&admin.Email, "admin-email", "", "mail of the first administrator, where codes go")
	f.StringVar(&admin.Phone, "admin-phone", "", "telephone number of the first administrator")
	f.StringVar(&admin.Locale, "admin-locale", "", "language of their pages: ru or en")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// initConfig writes the configuration file with the given flags in it, unless there is
// one, and reads it.
func initConfig(cmd *cobra.Command, flags *configFlags) (written bool, cfg configs.Config, err error) {
	_, err = os.Stat(flags.file)
	switch {
	case err == nil:
		cfg, err = flags.load(cmd.Flags(), os.Environ())
		return false, cfg, err
	case !errors.Is(err, fs.ErrNotExist):
		return false, cfg, fmt.Errorf("look for the configuration: %w", err)
	}
	values := map[string]string{}
	for key, value := range flags.set {
		if cmd.Flags().Changed(flagName(key)) {
			values[key] = *value
		}
	}
	// What was given is checked before anything is written.
	file := flags.file
	flags.file = ""
	cfg, err = flags.load(cmd.Flags(), os.Environ())
	flags.file = file
	if err != nil {
		return false, cfg, err
	}
	text, err := configs.Fill(values)
	if err != nil {
		return false, cfg, err
	}
	return true, cfg, writeWhole(file, []byte(text))
}

// initData makes the data in an empty folder, or in one whose making was cut off.
func initData(ctx context.Context, cfg configs.Config, in initRequest) (out initResult, err error) {
	out, err = askServer[initResult](ctx, cfg, "/init", in)
	if !errors.Is(err, errNotRunning) {
		return out, err
	}
	s, err := openStorage(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return out, err
	}
	o, err := newOperator(cfg, s)
	if err == nil {
		out, err = asUsage(o.found)(ctx, in)
	}
	return out, errors.Join(err, s.close())
}
