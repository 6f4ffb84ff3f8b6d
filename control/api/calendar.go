package api

import (
	"context"

	"consilium/control"
)

func (s *server) calendarRoutes() {
	const tag = "calendar"
	add(s, signedIn, op("countDays", get, "/appointments/days", tag, "How many appointments each day has, by status"), s.countDays)
	add(s, signedIn, op("getBoard", get, "/appointments/board", tag, "What waits to be done, and what today has come to, by stage"), s.getBoard)
	add(s, signedIn, op("listOutsideHours", get, "/practitioners/{id}/schedule/outside", tag, "A doctor's appointments ahead that the hours no longer cover"), s.listOutside)
}

type countDaysInput struct {
	From           string `query:"from" format:"date" doc:"First day; default: the first of this month"`
	To             string `query:"to" format:"date" doc:"Last day; default: a month from the first; at most 400 days"`
	PractitionerID string `query:"practitionerId" maxLength:"64"`
	ServiceID      string `query:"serviceId" maxLength:"64"`
	Modality       string `query:"modality" maxLength:"16"`
}

type getBoardInput struct {
	PractitionerID string `query:"practitionerId" maxLength:"64"`
	ServiceID      string `query:"serviceId" maxLength:"64"`
	Modality       string `query:"modality" maxLength:"16"`
	Limit          int    `query:"limit" minimum:"1" maximum:"100" default:"30" doc:"Appointments of each stage"`
}

// DayCount is how many appointments of a day are in each status.
type DayCount struct {
	Date   string         `json:"date" format:"date" doc:"By the clinic's clock"`
	Counts map[string]int `json:"counts" doc:"By status; statuses without appointments are left out"`
}

// DayCountList is a range of days. Days without appointments are left out.
type DayCountList struct {
	Items []DayCount `json:"items" nullable:"false"`
}

// BoardStage is a column of the board.
type BoardStage struct {
	Name  string        `json:"name" enum:"requests,planned,waiting,live,writing,done,off"`
	Count int           `json:"count" doc:"All there are, also those not among the items"`
	Items []Appointment `json:"items" nullable:"false" doc:"Those who wait longest first; planned ones by start"`
}

// Board is what waits to be done, by stage.
type Board struct {
	Stages []BoardStage `json:"stages" nullable:"false"`
}

func (s *server) countDays(ctx context.Context, who control.Actor, in *countDaysInput) (*answer[DayCountList], error) {
	f := control.CountFilter{
		Practitioner: control.PractitionerID(in.PractitionerID), Service: control.ServiceID(in.ServiceID), Modality: control.Modality(in.Modality),
	}
	var err error
	if f.First, err = optionalDate(in.From, "query/from"); err != nil {
		return nil, err
	}
	if f.Last, err = optionalDate(in.To, "query/to"); err != nil {
		return nil, err
	}
	found, err := s.ctl.Appointments.DayCounts(ctx, who, f)
	if err != nil {
		return nil, err
	}
	out := DayCountList{Items: []DayCount{}}
	for _, v := range found {
		day := DayCount{Date: v.Day.String(), Counts: map[string]int{}}
		for status, n := range v.Statuses {
			day.Counts[string(status)] = n
		}
		out.Items = append(out.Items, day)
	}
	return &answer[DayCountList]{out}, nil
}

func (s *server) getBoard(ctx context.Context, who control.Actor, in *getBoardInput) (*answer[Board], error) {
	found, err := s.ctl.Appointments.Board(ctx, who, control.BoardFilter{
		Practitioner: control.PractitionerID(in.PractitionerID), Service: control.ServiceID(in.ServiceID),
		Modality: control.Modality(in.Modality), Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := Board{Stages: []BoardStage{}}
	for _, column := range found {
		stage := BoardStage{Name: column.Name, Count: column.Count, Items: []Appointment{}}
		for i := range column.Items {
			stage.Items = append(stage.Items, appointmentOf(who, &column.Items[i]))
		}
		out.Stages = append(out.Stages, stage)
	}
	return &answer[Board]{out}, nil
}

func (s *server) listOutside(ctx context.Context, who control.Actor, in *ByID) (*answer[AppointmentList], error) {
	found, err := s.ctl.Schedules.Outside(ctx, who, control.PractitionerID(in.ID))
	if err != nil {
		return nil, err
	}
	out := AppointmentList{Items: []Appointment{}}
	for i := range found {
		out.Items = append(out.Items, appointmentOf(who, &found[i]))
	}
	return &answer[AppointmentList]{out}, nil
}
