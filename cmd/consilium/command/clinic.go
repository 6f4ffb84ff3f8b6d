package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"consilium/control"
)

func newClinicCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "clinic",
		Short: "Add, list, suspend and resume clinics",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newClinicListCommand(), newClinicAddCommand(), newClinicSuspendCommand(), newClinicResumeCommand(), newClinicLawCommand())
	return cmd
}

// clinicLine is a clinic as the commands print it.
type clinicLine struct {
	ID           string     `json:"id"`
	Slug         string     `json:"slug"`
	Name         string     `json:"name"`
	Zone         string     `json:"zone"`
	Jurisdiction string     `json:"jurisdiction,omitempty"`
	Suspended    *time.Time `json:"suspended,omitempty"`
}

func lineOf(v *control.Clinic) clinicLine {
	out := clinicLine{
		ID: string(v.ID), Slug: v.Slug, Name: v.Name.In(v.Language(), ""), Zone: v.Zone, Jurisdiction: v.Jurisdiction.ID,
	}
	if !v.Suspended.IsZero() {
		out.Suspended = &v.Suspended
	}
	return out
}

type clinicLines struct {
	Clinics []clinicLine `json:"clinics"`
}

func (o *operator) listClinics(ctx context.Context, _ struct{}) (clinicLines, error) {
	out := clinicLines{Clinics: []clinicLine{}}
	all, err := o.control.Clinics.All(ctx, control.Operator(""))
	for i := range all {
		out.Clinics = append(out.Clinics, lineOf(&all[i]))
	}
	return out, err
}

func newClinicListCommand() *cobra.Command {
	return operatorCommand[struct{}, clinicLines]{
		use: "list", short: "List the clinics", path: "/clinic/list", do: (*operator).listClinics,
		in: func([]string) (struct{}, error) { return struct{}{}, nil },
		print: func(w io.Writer, all clinicLines) {
			for _, v := range all.Clinics {
				state := "open"
				if v.Suspended != nil {
					state = "suspended since " + v.Suspended.Format(time.RFC3339)
				}
				fmt.Fprintf(w, "%s  %s  %s  %s  %s\n", v.ID, v.Slug, v.Zone, state, v.Name)
			}
		},
	}.command()
}

// clinicRequest is what a new clinic begins with.
type clinicRequest struct {
	Slug         string               `json:"slug"`
	Name         control.Text         `json:"name"`
	Zone         string               `json:"zone"`
	Currency     string               `json:"currency"`
	Languages    []string             `json:"languages"`
	Licence      string               `json:"licence"`
	Phone        string               `json:"phone"`
	Jurisdiction control.Jurisdiction `json:"jurisdiction"`
}

func (r *clinicRequest) newClinic() control.NewClinic {
	return control.NewClinic{
		Slug: r.Slug, Name: r.Name, Zone: r.Zone, Currency: r.Currency, Languages: r.Languages, Licence: r.Licence,
		Phone: r.Phone, Jurisdiction: r.Jurisdiction,
	}
}

// clinicFlags are the flags of a new clinic.
type clinicFlags struct {
	slug, zone, currency, languages, licence, phone, law string
	names                                                []string
}

func (f *clinicFlags) addFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.names, "name", nil, "name of the clinic, or one for each language: --name ru=… --name en=…")
	flags.StringVar(&f.slug, "slug", "", "short name in addresses and commands: a-z, 0-9 and hyphens")
	flags.StringVar(&f.zone, "zone", "Europe/Moscow", "time zone")
	flags.StringVar(&f.currency, "currency", "RUB", "currency of its prices")
	flags.StringVar(&f.languages, "languages", "ru,en", "languages, its own first")
	flags.StringVar(&f.licence, "licence", "", "number and date of its licence")
	flags.StringVar(&f.phone, "phone", "", "telephone number for patients")
	flags.StringVar(&f.law, "jurisdiction", "ru", "what the law asks: "+strings.Join(control.Jurisdictions(), ", ")+", or a file")
}

func (f *clinicFlags) request() (clinicRequest, error) {
	out := clinicRequest{
		Slug: f.slug, Name: control.Text{}, Zone: f.zone, Currency: f.currency, Languages: strings.Split(f.languages, ","),
		Licence: f.licence, Phone: f.phone,
	}
	if out.Slug == "" || len(f.names) == 0 {
		return out, fmt.Errorf("%w: --slug and --name are needed", errUsage)
	}
	for _, name := range f.names {
		language, text, ok := strings.Cut(name, "=")
		if !ok || len(language) > 3 {
			language, text = out.Languages[0], name
		}
		out.Name[language] = text
	}
	var err error
	out.Jurisdiction, err = readJurisdiction(f.law)
	return out, err
}

// readJurisdiction takes a built-in jurisdiction's name, or a file.
func readJurisdiction(name string) (control.Jurisdiction, error) {
	v, err := control.BuiltinJurisdiction(name)
	if err == nil {
		return v, nil
	}
	text, fileErr := os.ReadFile(name)
	if fileErr != nil {
		return v, fmt.Errorf("%w: --jurisdiction: %s, or a file that can be read (%w)", errUsage, strings.Join(control.Jurisdictions(), ", "), fileErr)
	}
	if v, err = control.ParseJurisdiction(text); err != nil {
		return v, fmt.Errorf("%w: --jurisdiction: %w", errUsage, err)
	}
	return v, nil
}

func (o *operator) addClinic(ctx context.Context, in clinicRequest) (clinicLine, error) {
	v, err := o.control.Clinics.Create(ctx, control.Operator(""), in.newClinic())
	return lineOf(&v), err
}

func newClinicAddCommand() *cobra.Command {
	var flags clinicFlags
	cmd := operatorCommand[clinicRequest, clinicLine]{
		use: "add", short: "Add a clinic", path: "/clinic/add", do: (*operator).addClinic,
		long: `Adds a clinic that shares nothing with the others on this server but the program. Give
it an administrator next:

    consilium clinic add --slug garden --name ru="Садовая клиника" --name en="Garden Clinic"
    consilium staff add --clinic garden --role clinic_admin --name "…" --email …`,
		in: func([]string) (clinicRequest, error) { return flags.request() },
		print: func(w io.Writer, v clinicLine) {
			fmt.Fprintf(w, "Added %s (%s). It needs an administrator: consilium staff add --clinic %s --role clinic_admin\n", v.Name, v.Slug, v.Slug)
		},
	}.command()
	flags.addFlags(cmd.Flags())
	return cmd
}

// clinicName is a request about one clinic.
type clinicName struct {
	Clinic string `json:"clinic"`
}

func nameArg(args []string) (clinicName, error) { return clinicName{args[0]}, nil }

// about finds the clinic that a command names, and acts for it.
func (o *operator) about(ctx context.Context, clinic string) (control.Clinic, control.Actor, error) {
	v, err := o.control.Clinics.Resolve(ctx, control.Operator(""), clinic)
	return v, control.Operator(v.ID), err
}

// changed does something to a clinic and returns it as it is then.
func (o *operator) changed(ctx context.Context, clinic string, do func(control.Actor) error) (clinicLine, error) {
	v, who, err := o.about(ctx, clinic)
	if err != nil {
		return clinicLine{}, err
	}
	if err := do(who); err != nil {
		return clinicLine{}, err
	}
	v, _, err = o.about(ctx, string(v.ID))
	return lineOf(&v), err
}

func (o *operator) suspendClinic(ctx context.Context, in clinicName) (clinicLine, error) {
	return o.changed(ctx, in.Clinic, func(who control.Actor) error { return o.control.Clinics.Suspend(ctx, who) })
}

func (o *operator) resumeClinic(ctx context.Context, in clinicName) (clinicLine, error) {
	return o.changed(ctx, in.Clinic, func(who control.Actor) error { return o.control.Clinics.Resume(ctx, who) })
}

func newClinicSuspendCommand() *cobra.Command {
	return operatorCommand[clinicName, clinicLine]{
		use: "suspend CLINIC", short: "Close a clinic: nobody signs in, its data stays", args: oneArg("a clinic's short name or id"),
		path: "/clinic/suspend", do: (*operator).suspendClinic, in: nameArg,
		print: func(w io.Writer, v clinicLine) {
			fmt.Fprintf(w, "%s is suspended: everybody is signed out and nobody signs in. Open it again: consilium clinic resume %s\n", v.Name, v.Slug)
		},
	}.command()
}

func newClinicResumeCommand() *cobra.Command {
	return operatorCommand[clinicName, clinicLine]{
		use: "resume CLINIC", short: "Open a suspended clinic again", args: oneArg("a clinic's short name or id"),
		path: "/clinic/resume", do: (*operator).resumeClinic, in: nameArg,
		print: func(w io.Writer, v clinicLine) { fmt.Fprintf(w, "%s is open.\n", v.Name) },
	}.command()
}

// lawRequest replaces what the law asks of a clinic.
type lawRequest struct {
	Clinic       string               `json:"clinic"`
	Jurisdiction control.Jurisdiction `json:"jurisdiction"`
}

func (o *operator) setLaw(ctx context.Context, in lawRequest) (clinicLine, error) {
	return o.changed(ctx, in.Clinic, func(who control.Actor) error {
		_, err := o.control.Clinics.SetJurisdiction(ctx, who, in.Jurisdiction)
		return err
	})
}

func newClinicLawCommand() *cobra.Command {
	law := ""
	cmd := operatorCommand[lawRequest, clinicLine]{
		use: "jurisdiction CLINIC", short: "Replace what the law asks of a clinic", args: oneArg("a clinic's short name or id"),
		long: `Replaces which kinds of service a clinic may give remotely, which consents patients
give, how long records are kept and which number is called when life is in danger. Take
one of the program's (` + strings.Join(control.Jurisdictions(), ", ") + `) or a JSON file of the same form. What is booked stays booked;
a consent with a new version is asked for again.`,
		path: "/clinic/jurisdiction", do: (*operator).setLaw,
		in: func(args []string) (lawRequest, error) {
			v, err := readJurisdiction(law)
			return lawRequest{args[0], v}, err
		},
		print: func(w io.Writer, v clinicLine) { fmt.Fprintf(w, "%s goes by %s.\n", v.Name, v.Jurisdiction) },
	}.command()
	cmd.Flags().StringVar(&law, "jurisdiction", "", strings.Join(control.Jurisdictions(), ", ")+", or a file")
	return cmd
}
