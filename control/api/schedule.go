package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"consilium/control"
	"consilium/control/calendar"
)

func (s *server) scheduleRoutes() {
	const tag = "schedule"
	add(s, signedIn, op("getSchedule", get, "/practitioners/{id}/schedule", tag, "When a doctor can be booked"), s.getSchedule)
	add(s, signedIn, op("setSchedule", put, "/practitioners/{id}/schedule", tag, "Set a doctor's hours; visits already booked stay"), s.setSchedule)
	add(s, signedIn, op("listSlots", get, "/slots", tag, "Free times for a service, by start; each is a choice, and they may overlap"), s.listSlots)
}

type setScheduleInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the schedule that was edited, 0 for one never set; required"`
	Body    ScheduleUpdate
}

type listSlotsInput struct {
	ServiceID      string    `query:"serviceId" required:"true" maxLength:"64"`
	PractitionerID string    `query:"practitionerId" maxLength:"64" doc:"Default: all who give the service"`
	From           time.Time `query:"from" doc:"Default: now"`
	To             time.Time `query:"to" doc:"Default: a week after from; at most 62 days"`
	Moving         string    `query:"moving" maxLength:"64" doc:"An appointment that is about to move: its own time counts as free"`
}

func (s *server) getSchedule(ctx context.Context, who control.Actor, in *ByID) (*versioned[Schedule], error) {
	v, err := s.ctl.Schedules.Get(ctx, who, control.PractitionerID(in.ID))
	return scheduleAnswer(&v), err
}

func (s *server) setSchedule(ctx context.Context, who control.Actor, in *setScheduleInput) (*versioned[Schedule], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	to, err := in.Body.parse(control.PractitionerID(in.ID))
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Schedules.Set(ctx, who, to, version)
	return scheduleAnswer(&v), err
}

func (s *server) listSlots(ctx context.Context, who control.Actor, in *listSlotsInput) (*answer[SlotList], error) {
	found, zone, err := s.ctl.Schedules.Slots(ctx, who, control.SlotQuery{
		Service: control.ServiceID(in.ServiceID), Practitioner: control.PractitionerID(in.PractitionerID), From: in.From, To: in.To,
		Moving: control.AppointmentID(in.Moving),
	})
	if err != nil {
		return nil, err
	}
	out := SlotList{Zone: zone, Items: make([]Slot, len(found))}
	for i, v := range found {
		out.Items[i] = Slot{PractitionerID: string(v.Practitioner), Start: v.Start, End: v.End}
	}
	return &answer[SlotList]{out}, nil
}

// weekdays are the names of days, Sunday first as time.Weekday counts.
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// parse reads what a client sent; what the words mean is control's to judge.
func (u *ScheduleUpdate) parse(id control.PractitionerID) (control.Schedule, error) {
	out := control.Schedule{
		Practitioner: id, Step: minutes(u.StepMin), Buffer: minutes(u.BufferMin), MinNotice: minutes(u.MinNoticeMin),
		HorizonDays: u.HorizonDays, MaxPerDay: u.MaxPerDay,
	}
	for i, r := range u.Weekly {
		at := fmt.Sprintf("/weekly/%d", i)
		rule := calendar.Rule{}
		var err error
		if rule.Window, err = r.window(at); err != nil {
			return out, err
		}
		for _, day := range r.Days {
			rule.Days = append(rule.Days, time.Weekday(slices.Index(weekdays(), day)))
		}
		if rule.Since, err = optionalDate(r.Since, at+"/since"); err != nil {
			return out, err
		}
		if rule.Until, err = optionalDate(r.Until, at+"/until"); err != nil {
			return out, err
		}
		out.Rules.Weekly = append(out.Rules.Weekly, rule)
	}
	for i, e := range u.Exceptions {
		at := fmt.Sprintf("/exceptions/%d", i)
		exception := calendar.Exception{}
		var err error
		if exception.First, err = optionalDate(e.First, at+"/first"); err != nil {
			return out, err
		}
		if exception.Last, err = optionalDate(e.Last, at+"/last"); err != nil {
			return out, err
		}
		for j, w := range e.Windows {
			window, err := w.window(fmt.Sprintf("%s/windows/%d", at, j))
			if err != nil {
				return out, err
			}
			exception.Windows = append(exception.Windows, window)
		}
		out.Rules.Exceptions = append(out.Rules.Exceptions, exception)
	}
	return out, nil
}

func (w *HoursWindow) window(at string) (calendar.Window, error) {
	from, err := calendar.ParseClock(w.From)
	if err != nil {
		return calendar.Window{}, &control.Error{Code: control.CodeInvalid, Message: "want HH:MM", Field: at + "/from"}
	}
	to, err := calendar.ParseClock(w.To)
	if err != nil {
		return calendar.Window{}, &control.Error{Code: control.CodeInvalid, Message: "want HH:MM", Field: at + "/to"}
	}
	return calendar.Window{From: from, To: to}, nil
}

func optionalDate(s, at string) (calendar.Date, error) {
	if s == "" {
		return calendar.Date{}, nil
	}
	d, err := calendar.ParseDate(s)
	if err != nil {
		return d, &control.Error{Code: control.CodeInvalid, Message: "want YYYY-MM-DD", Field: at}
	}
	return d, nil
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func scheduleAnswer(v *control.Schedule) *versioned[Schedule] {
	out := Schedule{
		PractitionerID: string(v.Practitioner), Version: v.Rev,
		ScheduleUpdate: ScheduleUpdate{
			Weekly: []HoursRule{}, Exceptions: []HoursException{}, StepMin: int(v.Step.Minutes()), BufferMin: int(v.Buffer.Minutes()),
			MinNoticeMin: int(v.MinNotice.Minutes()), HorizonDays: v.HorizonDays, MaxPerDay: v.MaxPerDay,
		},
	}
	for _, r := range v.Rules.Weekly {
		rule := HoursRule{HoursWindow: windowOf(r.Window), Days: []string{}, Since: dateOf(r.Since), Until: dateOf(r.Until)}
		for _, d := range r.Days {
			rule.Days = append(rule.Days, weekdays()[d])
		}
		out.Weekly = append(out.Weekly, rule)
	}
	for _, e := range v.Rules.Exceptions {
		exception := HoursException{First: dateOf(e.First), Last: dateOf(e.Last), Windows: []HoursWindow{}}
		for _, w := range e.Windows {
			exception.Windows = append(exception.Windows, windowOf(w))
		}
		out.Exceptions = append(out.Exceptions, exception)
	}
	return &versioned[Schedule]{ETag: etag(v.Rev), Body: out}
}

func windowOf(w calendar.Window) HoursWindow {
	return HoursWindow{From: w.From.String(), To: w.To.String()}
}

func dateOf(d calendar.Date) string {
	if d == (calendar.Date{}) {
		return ""
	}
	return d.String()
}
