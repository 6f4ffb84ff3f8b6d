package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"consilium/control"
	"consilium/control/calendar"
)

func newScheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Show when doctors can be booked",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newScheduleShowCommand())
	return cmd
}

// hoursRequest names a doctor.
type hoursRequest struct {
	Clinic string `json:"clinic"`
	Doctor string `json:"doctor"`
}

// hoursResult is when a doctor can be booked, on the clinic's clock.
type hoursResult struct {
	Doctor     string       `json:"doctor"`
	DoctorID   string       `json:"doctorId"`
	Zone       string       `json:"zone"`
	Weekly     []hoursRule  `json:"weekly"`
	Exceptions []hoursOther `json:"exceptions"`
	StepMin    int          `json:"stepMin"`
	BufferMin  int          `json:"bufferMin"`
	NoticeMin  int          `json:"minNoticeMin"`
	Horizon    int          `json:"horizonDays"`
	MaxPerDay  int          `json:"maxPerDay"`
	Licence    time.Time    `json:"licenceEnds"`
	Version    uint64       `json:"version"` // 0: no hours were ever set
}

// hoursRule is a window on some days of the week.
type hoursRule struct {
	Days  []string `json:"days"`
	Hours string   `json:"hours"` // 09:00-13:00
	Since string   `json:"since,omitempty"`
	Until string   `json:"until,omitempty"`
}

// hoursOther are days on which other hours hold; without any it is time off.
type hoursOther struct {
	First string   `json:"first"`
	Last  string   `json:"last"`
	Hours []string `json:"hours"`
}

func hoursOf(w calendar.Window) string { return w.From.String() + "-" + w.To.String() }

func dayOf(d calendar.Date) string {
	if d == (calendar.Date{}) {
		return ""
	}
	return d.String()
}

func (o *operator) showHours(ctx context.Context, in hoursRequest) (hoursResult, error) {
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return hoursResult{}, err
	}
	doctor, err := o.doctor(ctx, who, in.Doctor)
	if err != nil {
		return hoursResult{}, err
	}
	v, err := o.control.Schedules.Get(ctx, who, doctor.ID)
	if err != nil {
		return hoursResult{}, err
	}
	return newHours(&clinic, &doctor, &v), nil
}

func newHours(clinic *control.Clinic, doctor *control.Practitioner, v *control.Schedule) hoursResult {
	minutes := func(d time.Duration) int { return int(d / time.Minute) }
	out := hoursResult{
		Doctor: doctor.Name, DoctorID: string(doctor.ID), Zone: clinic.Zone, Weekly: []hoursRule{}, Exceptions: []hoursOther{},
		StepMin: minutes(v.Step), BufferMin: minutes(v.Buffer), NoticeMin: minutes(v.MinNotice), Horizon: v.HorizonDays,
		MaxPerDay: v.MaxPerDay, Licence: doctor.LicenceExpires, Version: v.Rev,
	}
	for _, r := range v.Rules.Weekly {
		rule := hoursRule{Hours: hoursOf(r.Window), Since: dayOf(r.Since), Until: dayOf(r.Until)}
		for _, d := range r.Days {
			rule.Days = append(rule.Days, strings.ToLower(d.String()[:3]))
		}
		out.Weekly = append(out.Weekly, rule)
	}
	for _, e := range v.Rules.Exceptions {
		other := hoursOther{First: e.First.String(), Last: e.Last.String(), Hours: []string{}}
		for _, w := range e.Windows {
			other.Hours = append(other.Hours, hoursOf(w))
		}
		out.Exceptions = append(out.Exceptions, other)
	}
	return out
}

func newScheduleShowCommand() *cobra.Command {
	clinic := ""
	cmd := operatorCommand[hoursRequest, hoursResult]{
		use: "show DOCTOR", short: "Show a doctor's hours", args: oneArg("a doctor's email, name or id"),
		path: "/schedule/show", do: (*operator).showHours,
		in:    func(args []string) (hoursRequest, error) { return hoursRequest{clinic, args[0]}, nil },
		print: printHours,
	}.command()
	cmd.Flags().StringVar(&clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}

func printHours(w io.Writer, v hoursResult) {
	fmt.Fprintf(w, "%s (%s), %s\n", v.Doctor, v.DoctorID, v.Zone)
	if len(v.Weekly) == 0 {
		fmt.Fprintln(w, "  no hours are set")
	}
	for _, r := range v.Weekly {
		line := "  " + strings.Join(r.Days, ",") + "  " + r.Hours
		if r.Since != "" {
			line += "  since " + r.Since
		}
		if r.Until != "" {
			line += "  until " + r.Until
		}
		fmt.Fprintln(w, line)
	}
	for _, e := range v.Exceptions {
		hours := "off"
		if len(e.Hours) > 0 {
			hours = strings.Join(e.Hours, ", ")
		}
		fmt.Fprintf(w, "  %s to %s  %s\n", e.First, e.Last, hours)
	}
	fmt.Fprintf(w, "  every %d min, %d min between visits, asked %d min before at least and %d days before at most", v.StepMin, v.BufferMin, v.NoticeMin, v.Horizon)
	if v.MaxPerDay > 0 {
		fmt.Fprintf(w, ", %d a day at most", v.MaxPerDay)
	}
	fmt.Fprintf(w, "\n  licence until %s\n", v.Licence.Add(-time.Nanosecond).Format(time.DateOnly))
}
