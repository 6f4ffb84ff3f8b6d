package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"consilium/control"
)

func newPatientCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "patient",
		Short: "Erase a patient, or see what the law keeps of one",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newPatientEraseCommand(), newPatientKeptCommand())
	return cmd
}

// patientRequest names a patient of a clinic.
type patientRequest struct {
	Clinic  string `json:"clinic"`
	Patient string `json:"patient"`
}

// erasureResult says what was done, or what stands in its way. It holds no names.
type erasureResult struct {
	Clinic    string     `json:"clinic"`
	Patient   string     `json:"patient"`
	Erased    bool       `json:"erased"`
	Allowed   bool       `json:"allowed"`
	Open      int        `json:"openVisits"`
	KeptUntil *time.Time `json:"keptUntil,omitempty"`
	Years     int        `json:"retentionYears"`
	Visits    int        `json:"visits"`
	Documents []keptLine `json:"documents"`
}

type keptLine struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Created time.Time `json:"created"`
}

func erasureOf(clinic string, v *control.Erasure) erasureResult {
	out := erasureResult{
		Clinic: clinic, Patient: string(v.Patient), Erased: v.Done, Allowed: v.Allowed, Open: v.Open, Years: v.Years,
		Visits: v.Visits, Documents: []keptLine{},
	}
	if !v.Until.IsZero() {
		out.KeptUntil = &v.Until
	}
	for _, d := range v.Documents {
		out.Documents = append(out.Documents, keptLine{string(d.ID), string(d.Kind), d.Created})
	}
	return out
}

func (o *operator) patientKept(ctx context.Context, in patientRequest) (erasureResult, error) {
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return erasureResult{}, err
	}
	v, err := o.control.Patients.Erasure(ctx, who, control.PatientID(in.Patient))
	return erasureOf(clinic.Slug, &v), err
}

// erasePatient erases where it may; where it may not, the answer says why.
func (o *operator) erasePatient(ctx context.Context, in patientRequest) (erasureResult, error) {
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return erasureResult{}, err
	}
	v, err := o.control.Patients.Erase(ctx, who, control.PatientID(in.Patient))
	if code := control.ErrorCode(err); code == control.CodeRetained || code == control.CodeTransitionRefused {
		err = nil // the answer says it
	}
	return erasureOf(clinic.Slug, &v), err
}

func printErasure(w io.Writer, v erasureResult) {
	switch {
	case v.Erased:
		fmt.Fprintf(w, "%s is erased: records, files, login and keys. Throw away backups of the keys that are older than this.\n", v.Patient)
	case v.Open > 0:
		fmt.Fprintf(w, "%s has %d visits that are ahead or not written up: cancel or sign them first.\n", v.Patient, v.Open)
	case v.Allowed:
		fmt.Fprintf(w, "Nothing keeps %s: they can be erased.\n", v.Patient)
	}
	if v.Erased || v.KeptUntil == nil || v.Allowed {
		return
	}
	fmt.Fprintf(w, "The law keeps records for %d years after the last visit, here until %s: %d visits, %d documents.\n",
		v.Years, v.KeptUntil.Format(time.DateOnly), v.Visits, len(v.Documents))
	for _, d := range v.Documents {
		fmt.Fprintf(w, "  %s  %s  %s\n", d.Created.Format(time.DateOnly), d.Kind, d.ID)
	}
}

func newPatientEraseCommand() *cobra.Command {
	clinic := ""
	cmd := operatorCommand[patientRequest, erasureResult]{
		use: "erase PATIENT", short: "Erase a patient for good: records, files, login and keys",
		args: oneArg("a patient's id"), path: "/patient/erase", do: (*operator).erasePatient,
		long: `Removes a patient whom the clinic's law does not keep any more: the card, visits, chat,
files, consents, invitations and login go, the keys they were sealed with are destroyed,
and what the disk still held of them is overwritten. Older backups of the data do not
open it any more either, except together with a backup of the keys from before: throw
those away. What was done, to which id and by whom stays in the clinic's audit trail.

While a visit is open, or the law keeps records, nothing is changed, the answer says
what and until when, and the exit status is 1.

    consilium patient kept 7h2k…
    consilium patient erase 7h2k… --json`,
		in:    func(args []string) (patientRequest, error) { return patientRequest{clinic, args[0]}, nil },
		print: printErasure,
		outcome: func(v erasureResult) error {
			if !v.Erased {
				return errors.New("the patient was not erased")
			}
			return nil
		},
	}.command()
	cmd.Flags().StringVar(&clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}

func newPatientKeptCommand() *cobra.Command {
	clinic := ""
	cmd := operatorCommand[patientRequest, erasureResult]{
		use: "kept PATIENT", short: "Tell what the law keeps of a patient, and until when",
		args: oneArg("a patient's id"), path: "/patient/kept", do: (*operator).patientKept,
		in:    func(args []string) (patientRequest, error) { return patientRequest{clinic, args[0]}, nil },
		print: printErasure,
	}.command()
	cmd.Flags().StringVar(&clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}
