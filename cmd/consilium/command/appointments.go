package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"consilium/control"
)

func newAppointmentsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "appointments",
		Aliases: []string{"appointment"},
		Short:   "List, show and cancel a clinic's visits",
		Args:    cobra.NoArgs,
	}
	cmd.AddCommand(newAppointmentsListCommand(), newAppointmentsShowCommand(), newAppointmentsCancelCommand())
	return cmd
}

// visitLine is a visit as the commands print it: who the patient is and why they come is
// not the operator's to read.
type visitLine struct {
	ID       string    `json:"id"`
	No       string    `json:"no"`
	Status   string    `json:"status"`
	Since    time.Time `json:"since"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Wall     string    `json:"wall"` // Start on the clinic's clock
	Zone     string    `json:"zone"`
	Service  string    `json:"service"`
	Doctor   string    `json:"doctor,omitempty"`
	DoctorID string    `json:"doctorId,omitempty"`
	Patient  string    `json:"patientId"`
	Modality string    `json:"modality"`
	Reason   string    `json:"reason,omitempty"` // of a cancellation by the clinic

	HoldExpires *time.Time `json:"holdExpires,omitempty"`
	Predecessor string     `json:"predecessor,omitempty"`
	Successor   string     `json:"successor,omitempty"`
	Attention   string     `json:"attention,omitempty"`
	Version     uint64     `json:"version"`
}

func visitOf(v *control.AppointmentView, language string) visitLine {
	out := visitLine{
		ID: string(v.ID), No: v.No, Status: string(v.Status), Since: v.Since, Start: v.Start, End: v.End, Wall: v.Wall, Zone: v.Zone,
		Service: v.Service.Name.In(language, ""), Doctor: v.Practitioner.Name, DoctorID: string(v.Practitioner.ID), Patient: string(v.Patient),
		Modality: string(v.Modality), Predecessor: string(v.Predecessor), Successor: string(v.Successor), Attention: string(v.Attention), Version: v.Rev,
	}
	if v.Status == control.CancelledClinic || v.Status == control.Declined {
		out.Reason = v.Reason
	}
	if !v.HoldExpires.IsZero() {
		out.HoldExpires = &v.HoldExpires
	}
	return out
}

// visitsRequest selects visits.
type visitsRequest struct {
	Clinic   string   `json:"clinic"`
	From     string   `json:"from"` // on the clinic's clock
	To       string   `json:"to"`
	Doctor   string   `json:"doctor"`
	Patient  string   `json:"patient"`
	Service  string   `json:"service"`
	Modality string   `json:"modality"`
	Statuses []string `json:"statuses"`
	Limit    int      `json:"limit"`
}

// visitLines are the first visits that a request selects.
type visitLines struct {
	Visits []visitLine `json:"appointments"`
	More   bool        `json:"more"` // there are others after these
}

// maxVisits bounds one listing.
const maxVisits = 10000

func (r *visitsRequest) filter(ctx context.Context, o *operator, clinic *control.Clinic, who control.Actor) (control.AppointmentFilter, error) {
	f := control.AppointmentFilter{
		Patient: control.PatientID(r.Patient), Service: control.ServiceID(r.Service), Modality: control.Modality(r.Modality), Limit: 200,
	}
	loc, err := clinic.Location()
	if err != nil {
		return f, err
	}
	if f.From, err = onClock("--from", r.From, loc); err != nil {
		return f, err
	}
	if f.To, err = onClock("--to", r.To, loc); err != nil {
		return f, err
	}
	for _, s := range r.Statuses {
		if !slices.Contains(control.Statuses(), control.Status(s)) {
			return f, fmt.Errorf("%w: --status: there is no status %q", errUsage, s)
		}
		f.Statuses = append(f.Statuses, control.Status(s))
	}
	if r.Doctor != "" {
		doctor, err := o.doctor(ctx, who, r.Doctor)
		if err != nil {
			return f, err
		}
		f.Practitioner = doctor.ID
	}
	return f, nil
}

// onClock reads a day, or a time of the clinic's clock or with its zone; "" is none.
func onClock(flag, text string, loc *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, text, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: %s: want 2026-11-01, 2026-11-01T09:00 or 2026-11-01T09:00:00Z", errUsage, flag)
}

// doctor finds a doctor of the clinic by id, email or name.
func (o *operator) doctor(ctx context.Context, who control.Actor, ref string) (control.Practitioner, error) {
	all, err := o.control.Staff.List(ctx, who)
	if err != nil {
		return control.Practitioner{}, err
	}
	var found []control.Practitioner
	for _, m := range all {
		if m.Doctor == nil {
			continue
		}
		if string(m.Doctor.ID) == ref || string(m.Account.ID) == ref || strings.EqualFold(m.Account.Email, ref) || strings.EqualFold(m.Doctor.Name, ref) {
			found = append(found, *m.Doctor)
		}
	}
	switch len(found) {
	case 0:
		return control.Practitioner{}, fmt.Errorf("%w: the clinic has no doctor %q", errUsage, ref)
	case 1:
		return found[0], nil
	}
	return control.Practitioner{}, fmt.Errorf("%w: %d doctors are called %q: name one by email", errUsage, len(found), ref)
}

func (o *operator) listVisits(ctx context.Context, in visitsRequest) (visitLines, error) {
	out := visitLines{Visits: []visitLine{}}
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	f, err := in.filter(ctx, o, &clinic, who)
	if err != nil {
		return out, err
	}
	for {
		page, next, err := o.control.Appointments.List(ctx, who, f)
		if err != nil {
			return out, err
		}
		for i := range page {
			if len(out.Visits) == in.Limit {
				out.More = true
				return out, nil
			}
			out.Visits = append(out.Visits, visitOf(&page[i], clinic.Language()))
		}
		if next == "" {
			return out, nil
		}
		f.Cursor = next
	}
}

func newAppointmentsListCommand() *cobra.Command {
	var in visitsRequest
	statuses := ""
	cmd := operatorCommand[visitsRequest, visitLines]{
		use: "list", short: "List visits by start", path: "/appointments/list", do: (*operator).listVisits,
		long: `Lists a clinic's visits by start: a week from today on, or what the filters say. Patients
are ids here; names are for the clinic's own pages.

    consilium appointments list --from 2026-11-01 --to 2026-12-01 --doctor morozova@clinic.example --status booked,waiting`,
		in: func([]string) (visitsRequest, error) {
			in.Statuses = list(statuses)
			if in.Limit < 1 || in.Limit > maxVisits {
				return in, fmt.Errorf("%w: --limit: 1 to %d", errUsage, maxVisits)
			}
			return in, nil
		},
		print: func(w io.Writer, all visitLines) {
			for i := range all.Visits {
				v := &all.Visits[i]
				fmt.Fprintf(w, "%s  %s  %-16s  %s  %s  %s, %s\n", v.ID, v.Wall, v.Status, v.No, v.Modality, v.Service, v.Doctor)
			}
			if all.More {
				fmt.Fprintln(w, "There are more: narrow the filters or raise --limit.")
			}
		},
	}.command()
	f := cmd.Flags()
	f.StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	f.StringVar(&in.From, "from", "", "from this day or time on, on the clinic's clock: 2026-11-01 or 2026-11-01T09:00")
	f.StringVar(&in.To, "to", "", "up to this day or time, without it")
	f.StringVar(&in.Doctor, "doctor", "", "only a doctor's: email, name or id")
	f.StringVar(&in.Patient, "patient", "", "only a patient's: id")
	f.StringVar(&in.Service, "service", "", "only a service's: id")
	f.StringVar(&in.Modality, "modality", "", "chat, audio or video")
	f.StringVar(&statuses, "status", "", "only these, with commas between: booked,waiting")
	f.IntVar(&in.Limit, "limit", 100, "at most so many")
	return cmd
}

// visitRequest names one visit.
type visitRequest struct {
	Clinic string `json:"clinic"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

func (o *operator) showVisit(ctx context.Context, in visitRequest) (visitLine, error) {
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return visitLine{}, err
	}
	v, err := o.control.Appointments.Get(ctx, who, control.AppointmentID(in.ID))
	return visitOf(&v, clinic.Language()), err
}

func printVisit(w io.Writer, v visitLine) {
	fmt.Fprintf(w, "%s (%s) is %s since %s\n", v.No, v.ID, v.Status, v.Since.Format(time.RFC3339))
	fmt.Fprintf(w, "  %s %s, %s, %s with %s\n", v.Wall, v.Zone, v.Service, v.Modality, v.Doctor)
	fmt.Fprintf(w, "  patient %s, version %d\n", v.Patient, v.Version)
	for _, line := range [][2]string{{"reason", v.Reason}, {"moved from", v.Predecessor}, {"moved to", v.Successor}, {"to look after", v.Attention}} {
		if line[1] != "" {
			fmt.Fprintf(w, "  %s: %s\n", line[0], line[1])
		}
	}
	if v.HoldExpires != nil {
		fmt.Fprintf(w, "  held until %s\n", v.HoldExpires.Format(time.RFC3339))
	}
}

func newAppointmentsShowCommand() *cobra.Command {
	clinic := ""
	cmd := operatorCommand[visitRequest, visitLine]{
		use: "show ID", short: "Show a visit", args: oneArg("a visit's id"), path: "/appointments/show", do: (*operator).showVisit,
		in:    func(args []string) (visitRequest, error) { return visitRequest{Clinic: clinic, ID: args[0]}, nil },
		print: printVisit,
	}.command()
	cmd.Flags().StringVar(&clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}

// cancelVisit ends a visit in the way that its status has: a booked one is cancelled, a
// request declined, a hold released.
func (o *operator) cancelVisit(ctx context.Context, in visitRequest) (visitLine, error) {
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return visitLine{}, err
	}
	id := control.AppointmentID(in.ID)
	v, err := o.control.Appointments.Get(ctx, who, id)
	if err != nil {
		return visitLine{}, err
	}
	visits := o.control.Appointments.Given(v.Rev, "")
	switch {
	case slices.Contains(v.Actions, control.ActDecline):
		v, err = visits.Decline(ctx, who, id, in.Reason)
	case slices.Contains(v.Actions, control.ActRelease):
		v, err = visits.Release(ctx, who, id)
	default:
		v, err = visits.Cancel(ctx, who, id, in.Reason)
	}
	return visitOf(&v, clinic.Language()), err
}

func newAppointmentsCancelCommand() *cobra.Command {
	var in visitRequest
	cmd := operatorCommand[visitRequest, visitLine]{
		use: "cancel ID", short: "Cancel a visit for the clinic, and tell the patient", args: oneArg("a visit's id"),
		path: "/appointments/cancel", do: (*operator).cancelVisit,
		long: `Cancels a booked visit, declines a request or releases a hold, for the clinic: the time is
free again, the patient is told with the reason, and owes nothing. It is in the clinic's
audit trail.

    consilium appointments cancel 01J… --reason "The doctor has fallen ill"`,
		in: func(args []string) (visitRequest, error) {
			in.ID = args[0]
			if strings.TrimSpace(in.Reason) == "" {
				return in, fmt.Errorf("%w: --reason is needed: the patient reads it", errUsage)
			}
			return in, nil
		},
		print: printVisit,
	}.command()
	cmd.Flags().StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why; the patient reads it")
	return cmd
}
