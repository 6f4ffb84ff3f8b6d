package api

import (
	"context"
	"time"

	"consilium/control"
)

func (s *server) auditRoutes() {
	add(s, signedIn, op("listAudit", get, "/audit", "clinic", "The clinic's audit trail, the newest first; reading it is recorded in it"), s.listAudit)
}

type listAuditInput struct {
	Actor  string    `query:"actor" maxLength:"64" doc:"Only what this account did"`
	Area   string    `query:"area" maxLength:"40" doc:"Only actions of this area, like card or appointment"`
	Object string    `query:"object" maxLength:"64" doc:"Only what was done to this id"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to" doc:"Without this moment"`
	Before uint64    `query:"before" doc:"Cursor from the page before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// AuditLine is an entry of the trail.
type AuditLine struct {
	N          uint64    `json:"n" doc:"Number, without gaps"`
	At         time.Time `json:"at"`
	Actor      *Ref      `json:"actor,omitempty" doc:"Absent for the server itself and its operator"`
	Role       string    `json:"role" enum:"clinic_admin,registrar,accountant,practitioner,patient,guest,system,operator"`
	Action     string    `json:"action" example:"card.read"`
	Kind       string    `json:"kind" doc:"What the object is"`
	Object     string    `json:"object"`
	ObjectName string    `json:"objectName,omitempty" doc:"As it is called today"`
	From       string    `json:"from,omitempty" doc:"Status before"`
	To         string    `json:"to,omitempty" doc:"Status after"`
	Note       string    `json:"note,omitempty"`
}

// AuditPage is a page of the trail.
type AuditPage struct {
	Items  []AuditLine `json:"items" nullable:"false"`
	Before uint64      `json:"before,omitempty" doc:"Cursor of the page of older entries. A page may be short and have one"`
}

func (s *server) listAudit(ctx context.Context, who control.Actor, in *listAuditInput) (*answer[AuditPage], error) {
	lines, before, err := s.ctl.Audit.List(ctx, who, control.AuditFilter{
		Actor: control.AccountID(in.Actor), Area: in.Area, Object: in.Object, From: in.From, To: in.To, Before: in.Before, Limit: in.Limit,
	})
	out := AuditPage{Items: []AuditLine{}, Before: before}
	for _, l := range lines {
		e := &l.Event
		line := AuditLine{
			N: l.N, At: e.At, Role: string(e.Role), Action: e.Action, Kind: e.Kind, Object: e.Object, ObjectName: l.ObjectName,
			From: string(e.From), To: string(e.To), Note: e.Note,
		}
		if e.Actor != "" {
			line.Actor = &Ref{ID: string(e.Actor), Name: l.ActorName}
		}
		out.Items = append(out.Items, line)
	}
	return &answer[AuditPage]{out}, err
}
