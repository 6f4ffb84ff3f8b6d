package control

import (
	"context"
	"iter"
	"slices"
	"time"

	"consilium/control/calendar"
	"consilium/store"
)

// Stage is a column of the board: the statuses in which the same is to be done.
type Stage struct {
	Name     string
	Statuses []Status
	// Today has only the visits of the day; without it a visit stays on the board
	// until something is done about it, however old it is.
	Today bool
}

// Stages are the board's columns in the order of a visit's life. Every status has
// exactly one.
func Stages() []Stage {
	return []Stage{
		{Name: "requests", Statuses: []Status{Requested, Held, AwaitingPayment}},
		{Name: "planned", Statuses: []Status{Booked}, Today: true},
		{Name: "waiting", Statuses: []Status{Queued, Waiting}},
		{Name: "live", Statuses: []Status{InProgress, Interrupted}},
		{Name: "writing", Statuses: []Status{Documenting}},
		{Name: "done", Statuses: []Status{Completed, Amended}, Today: true},
		{Name: "off", Statuses: []Status{
			Rescheduled, Cancelled, CancelledClinic, Withdrawn, Declined, Expired, NoShow, ProviderNoShow, Failed, EnteredInError,
		}, Today: true},
	}
}

// BoardFilter selects what a board shows. Empty fields select all.
type BoardFilter struct {
	Practitioner PractitionerID
	Service      ServiceID
	Modality     Modality
	Limit        int // visits of each column, 1 … 100, else 30
}

// Column is a stage with what is in it: how many, and the first of them. Those
// who have waited longest come first; planned visits and those that are over go
// by start, the last of the latter first.
type Column struct {
	Stage
	Count int
	Items []AppointmentView
}

// boardScan bounds how many visits are read for one status of a board, whatever
// the filter leaves of them.
const boardScan = 500

// pendingKeys files a visit that somebody has to do something about under its
// status, for the clinic and for its doctor: booked ones by start, others by how
// long they have been so.
func (p *Appointment) pendingKeys() []store.Key {
	if !p.Status.isPending() {
		return nil
	}
	at := p.Since
	if p.Status == Booked {
		at = p.Start
	}
	return []store.Key{
		store.Text(everybody).Text(string(p.Status)).Time(at),
		store.Text(string(p.Practitioner)).Text(string(p.Status)).Time(at),
	}
}

// pendingCountKeys counts what pendingKeys files.
func (p *Appointment) pendingCountKeys() []store.Key {
	if !p.Status.isPending() {
		return nil
	}
	of := func(whose string) store.Key {
		return store.Text(whose).Text(string(p.Status)).Text(string(p.Service)).Text(string(p.Modality))
	}
	return []store.Key{of(everybody), of(string(p.Practitioner))}
}

// Board shows what waits to be done and what today has come to, by stage.
func (s *Appointments) Board(ctx context.Context, who Actor, f BoardFilter) ([]Column, error) {
	if err := s.authorize(who, OpReadBoard); err != nil {
		return nil, err
	}
	if f.Limit < 1 || f.Limit > 100 {
		f.Limit = 30
	}
	var out []Column
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		whose, err := u.counted(f.Practitioner)
		if err != nil {
			return err
		}
		loc, err := u.location()
		if err != nil {
			return err
		}
		y, m, d := u.now.In(loc).Date()
		b := board{
			unit: u, sight: u.newSight(), whose: whose, filter: f, day: calendar.Date{Year: y, Month: m, Day: d},
			from: time.Date(y, m, d, 0, 0, 0, 0, loc), to: time.Date(y, m, d+1, 0, 0, 0, 0, loc),
		}
		for _, stage := range Stages() {
			column, err := b.column(stage)
			if err != nil {
				return err
			}
			out = append(out, column)
		}
		return nil
	})
	return out, err
}

// board is one answer being put together.
type board struct {
	*unit
	sight    *sight
	whose    string
	filter   BoardFilter
	day      calendar.Date
	from, to time.Time // today
}

func (b *board) column(stage Stage) (Column, error) {
	column := Column{Stage: stage, Items: []AppointmentView{}}
	var err error
	if column.Count, err = b.count(stage); err != nil || column.Count == 0 {
		return column, err
	}
	var found []Appointment
	switch {
	case !stage.Today:
		for _, status := range stage.Statuses {
			k := store.Text(b.whose).Text(string(status))
			some, err := b.first(b.t.appointments.Where(b, b.scope, b.t.pending, k), stage)
			if err != nil {
				return column, err
			}
			found = append(found, some...)
		}
		slices.SortStableFunc(found, func(a, c Appointment) int { return a.Since.Compare(c.Since) })
	case stage.Statuses[0].isPending():
		k := store.Text(b.whose).Text(string(stage.Statuses[0]))
		found, err = b.first(b.t.appointments.Range(b, b.scope, b.t.pending, k.Time(b.from), k.Time(b.to)), stage)
	default:
		index, k := b.t.byStart, store.Key("")
		if b.whose != everybody {
			index, k = b.t.byDoctor, store.Text(b.whose)
		}
		found, err = b.first(b.t.appointments.RangeBack(b, b.scope, index, k.Time(b.from), k.Time(b.to)), stage)
	}
	if err != nil {
		return column, err
	}
	for i := range found[:min(len(found), b.filter.Limit)] {
		v, err := b.sight.show(&found[i])
		if err != nil {
			return column, err
		}
		column.Items = append(column.Items, v)
	}
	return column, nil
}

// first takes the first visits of a walk that the filter lets through.
func (b *board) first(walk iter.Seq2[Appointment, error], stage Stage) ([]Appointment, error) {
	var out []Appointment
	read := 0
	for a, err := range walk {
		if err != nil {
			return nil, err
		}
		if slices.Contains(stage.Statuses, a.Status) && b.filter.takes(&a) {
			out = append(out, a)
		}
		if read++; read == boardScan || len(out) == b.filter.Limit {
			break
		}
	}
	return out, nil
}

func (f *BoardFilter) takes(a *Appointment) bool {
	return (f.Service == "" || f.Service == a.Service) && (f.Modality == "" || f.Modality == a.Modality)
}

// count is how many visits are in a stage, by the tallies.
func (b *board) count(stage Stage) (int, error) {
	filter := CountFilter{Service: b.filter.Service, Modality: b.filter.Modality}
	tally, parts := b.t.pendingCounts, 4
	prefix := func(s Status) store.Key { return store.Text(b.whose).Text(string(s)) }
	if stage.Today {
		tally, parts = b.t.dayCounts, 5
		prefix = func(s Status) store.Key { return store.Text(b.whose).Text(b.day.String()).Text(string(s)) }
	}
	n := 0
	for _, status := range stage.Statuses {
		k := prefix(status)
		for c, err := range b.t.appointments.Counts(b, b.scope, tally, k, k.End()) {
			if err != nil {
				return 0, err
			}
			texts, err := cutTexts(c.Key, parts)
			if err != nil {
				return 0, err
			}
			if filter.takes(texts[parts-2], texts[parts-1]) {
				n += int(c.N)
			}
		}
	}
	return n, nil
}
