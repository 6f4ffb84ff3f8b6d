package command

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"consilium/control"
)

func newEmergenciesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "emergencies",
		Aliases: []string{"emergency"},
		Short:   "Show who waits for help at once, and which doctors are on duty",
		Args:    cobra.NoArgs,
	}
	cmd.AddCommand(newEmergenciesListCommand(), newEmergenciesDutyCommand())
	return cmd
}

// callLine is somebody who waits for help, without who they are and what they have.
type callLine struct {
	ID        string      `json:"id"`
	Position  int         `json:"position"`
	Band      int         `json:"band"` // 1 comes first
	Asked     time.Time   `json:"asked"`
	Service   string      `json:"service"`
	Escalated *time.Time  `json:"escalated,omitempty"` // when the duty contact was told
	WaitSec   *int        `json:"waitSec,omitempty"`   // how long they may have to wait still, when it can be said
	Offers    []offerLine `json:"offers"`
}

// offerLine is to whom the call was offered, and what came of it.
type offerLine struct {
	Doctor string    `json:"doctor"`
	State  string    `json:"state"`
	Until  time.Time `json:"until"`
}

type callLines struct {
	Calls  []callLine `json:"emergencies"`
	OnDuty int        `json:"onDuty"`
}

func (o *operator) listCalls(ctx context.Context, in clinicName) (callLines, error) {
	out := callLines{Calls: []callLine{}}
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	all, err := o.control.Emergencies.List(ctx, who)
	if err != nil {
		return out, err
	}
	duties, err := o.control.Emergencies.OnDuty(ctx, who)
	out.OnDuty = len(duties)
	for i := range all {
		out.Calls = append(out.Calls, callOf(&all[i], clinic.Language()))
	}
	return out, err
}

func callOf(v *control.EmergencyView, language string) callLine {
	out := callLine{
		ID: string(v.Emergency.ID), Position: v.Position, Band: int(v.Rank), Asked: v.Asked,
		Service: v.Appointment.Service.Name.In(language, ""), Offers: []offerLine{},
	}
	if !v.Escalated.IsZero() {
		out.Escalated = &v.Escalated
	}
	if v.Outlook.Known {
		wait := int(v.Outlook.Wait / time.Second)
		out.WaitSec = &wait
	}
	for _, offer := range v.Offers {
		out.Offers = append(out.Offers, offerLine{v.Doctors[offer.Practitioner], string(offer.State), offer.Until})
	}
	return out
}

func newEmergenciesListCommand() *cobra.Command {
	var in clinicName
	cmd := operatorCommand[clinicName, callLines]{
		use: "list", short: "List who waits for help, the first to be helped first", path: "/emergencies/list", do: (*operator).listCalls,
		in: func([]string) (clinicName, error) { return in, nil },
		print: func(w io.Writer, all callLines) {
			fmt.Fprintf(w, "%d waiting, %d doctors on duty\n", len(all.Calls), all.OnDuty)
			for _, v := range all.Calls {
				fmt.Fprintf(w, "%d.  %s  band %d  since %s  %s  offered to %d\n", v.Position, v.ID, v.Band, v.Asked.Format(time.RFC3339), v.Service, len(v.Offers))
			}
		},
	}.command()
	cmd.Flags().StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}

// dutyLine is a doctor who is ready for emergencies.
type dutyLine struct {
	Doctor   string    `json:"doctor"`
	DoctorID string    `json:"doctorId"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
	Busy     bool      `json:"busy"`   // in a consultation
	Missed   int       `json:"missed"` // offers in a row
	Paused   bool      `json:"paused"` // was asked whether they are still there
}

type dutyLines struct {
	Duties []dutyLine `json:"duties"`
}

func (o *operator) listDuties(ctx context.Context, in clinicName) (dutyLines, error) {
	out := dutyLines{Duties: []dutyLine{}}
	_, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	all, err := o.control.Emergencies.OnDuty(ctx, who)
	for _, v := range all {
		out.Duties = append(out.Duties, dutyLine{
			Doctor: v.Name, DoctorID: string(v.Practitioner), Since: v.Since, Until: v.Until, Busy: v.Busy, Missed: v.Missed, Paused: !v.AskedAt.IsZero(),
		})
	}
	return out, err
}

func newEmergenciesDutyCommand() *cobra.Command {
	var in clinicName
	cmd := operatorCommand[clinicName, dutyLines]{
		use: "duty", short: "List the doctors on duty", path: "/emergencies/duty", do: (*operator).listDuties,
		in: func([]string) (clinicName, error) { return in, nil },
		print: func(w io.Writer, all dutyLines) {
			if len(all.Duties) == 0 {
				fmt.Fprintln(w, "nobody is on duty")
			}
			for _, v := range all.Duties {
				state := "free"
				switch {
				case v.Busy:
					state = "in a consultation"
				case v.Paused:
					state = "does not answer"
				}
				fmt.Fprintf(w, "%s  until %s  %s  %s\n", v.DoctorID, v.Until.Format(time.RFC3339), state, v.Doctor)
			}
		},
	}.command()
	cmd.Flags().StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}
