package command

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"consilium/control"
	"consilium/control/calendar"
)

func newStaffCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "staff",
		Short: "Register the people who work for a clinic",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newStaffAddCommand())
	return cmd
}

// staffRequest registers a member of staff.
type staffRequest struct {
	Clinic       string   `json:"clinic"`
	Role         string   `json:"role"`
	Name         string   `json:"name"`
	Email        string   `json:"email"`
	Phone        string   `json:"phone"`
	Locale       string   `json:"locale"`
	Specialty    string   `json:"specialty"`
	LicenceNo    string   `json:"licenceNo"`
	LicenceUntil string   `json:"licenceUntil"`
	Languages    []string `json:"languages"`
}

// staffResult says where the invitation is.
type staffResult struct {
	Clinic  string `json:"clinic"`
	Account string `json:"account"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Link    string `json:"link"`
	Sent    bool   `json:"sent"` // also to their mail
}

func (r *staffRequest) input(clinic *control.Clinic) (control.StaffInput, error) {
	in := control.StaffInput{Role: control.Role(r.Role), Name: r.Name, Email: r.Email, Phone: r.Phone, Locale: r.Locale}
	if in.Role != control.RolePractitioner {
		return in, nil
	}
	d := &control.DoctorInput{Specialty: control.Text{clinic.Language(): r.Specialty}, LicenceNo: r.LicenceNo, Languages: r.Languages}
	if len(d.Languages) == 0 {
		d.Languages = []string{clinic.Language()}
	}
	var err error
	if r.LicenceUntil != "" {
		if d.LicenceUntil, err = calendar.ParseDate(r.LicenceUntil); err != nil {
			return in, fmt.Errorf("%w: --licence-until: want YYYY-MM-DD", errUsage)
		}
	}
	in.Doctor = d
	return in, nil
}

func (o *operator) addStaff(ctx context.Context, in staffRequest) (staffResult, error) {
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return staffResult{}, err
	}
	input, err := in.input(&clinic)
	if err != nil {
		return staffResult{}, err
	}
	m, path, err := o.control.Staff.Register(ctx, who, input)
	return o.invited(&clinic, &m, path), err
}

func (o *operator) invited(clinic *control.Clinic, m *control.StaffMember, path string) staffResult {
	return staffResult{
		Clinic: clinic.Slug, Account: string(m.Account.ID), Name: m.Account.Name, Role: string(m.Account.Role),
		Link: o.publicURL + path, Sent: len(o.control.Channels()) > 0,
	}
}

func newStaffAddCommand() *cobra.Command {
	var in staffRequest
	speaks := ""
	cmd := operatorCommand[staffRequest, staffResult]{
		use: "add", short: "Register a member of staff and print their invitation", path: "/staff/add", do: (*operator).addStaff,
		long: `Registers an administrator, registrar, accountant or doctor of a clinic, and prints the
link by which they choose how to sign in. Whoever has the link is that person: hand it
over in private. It works once, for three days. It is also sent to their mail when mail
is set up.

    consilium staff add --clinic garden --role clinic_admin --name "…" --email …
    consilium staff add --clinic garden --role practitioner --name "…" --email … \
        --specialty "Cardiologist" --licence-no 77-020467 --licence-until 2029-05-31`,
		in:    func([]string) (staffRequest, error) { in.Languages = list(speaks); return in, nil },
		print: printInvitation,
	}.command()
	f := cmd.Flags()
	f.StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	f.StringVar(&in.Role, "role", "", "clinic_admin, registrar, accountant or practitioner")
	f.StringVar(&in.Name, "name", "", "their name")
	f.StringVar(&in.Email, "email", "", "their mail, where codes go")
	f.StringVar(&in.Phone, "phone", "", "their telephone number")
	f.StringVar(&in.Locale, "locale", "", "language of their pages: ru or en")
	f.StringVar(&in.Specialty, "specialty", "", "of a doctor")
	f.StringVar(&in.LicenceNo, "licence-no", "", "of a doctor")
	f.StringVar(&in.LicenceUntil, "licence-until", "", "last day of a doctor's licence, YYYY-MM-DD")
	f.StringVar(&speaks, "speaks", "", "languages of a doctor's consultations, like ru,en")
	return cmd
}

func printInvitation(w io.Writer, v staffResult) {
	fmt.Fprintf(w, "%s is registered. The link by which they choose how to sign in, for three days and once:\n\n  %s\n", v.Name, v.Link)
}

// list splits a list at commas.
func list(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
