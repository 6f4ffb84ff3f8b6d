package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"consilium/internal/id"
	"consilium/store"
)

// Shredder makes what was sealed for somebody unreadable, for good.
type Shredder interface {
	// Destroy destroys the keys of a patient, and of nobody else.
	Destroy(ctx context.Context, clinic, patient string) error
	// Scrub overwrites what the disk still holds of removed records.
	Scrub(ctx context.Context) error
}

// Limits of erasing.
const (
	erasePage  = 200 // records that go in one transaction
	eraseAgain = 10 * time.Minute
	scrubLimit = 30 * time.Second // for a moment without readers
)

// Erasure says whether a patient can be erased, what must stay and until when.
type Erasure struct {
	Patient   PatientID
	Allowed   bool
	Open      int       // visits ahead, under way, or without a signed conclusion
	Until     time.Time // the clinic's law keeps what is there until then; zero for nothing that it keeps
	Years     int       // that it keeps records after the last visit
	Visits    int       // that took place
	Documents []KeptDocument
	Done      bool
}

// KeptDocument is a document that the law keeps; what it says is not told.
type KeptDocument struct {
	ID      DocumentID
	Kind    DocumentKind
	Created time.Time
}

// Erasure returns what stands in the way of erasing a patient.
func (s *Patients) Erasure(ctx context.Context, who Actor, patient PatientID) (Erasure, error) {
	var out Erasure
	if err := s.authorize(who, OpErasePatient); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		p, err := u.patient(patient)
		if err != nil {
			return err
		}
		out, err = u.erasure(p.ID)
		return err
	})
	return out, err
}

func (u *unit) erasure(patient PatientID) (Erasure, error) {
	clinic, err := u.clinic()
	if err != nil {
		return Erasure{}, err
	}
	out := Erasure{Patient: patient, Years: clinic.Jurisdiction.RetentionYears}
	last := time.Time{}
	k := store.Text(string(patient))
	for a, err := range u.t.appointments.Range(u, u.scope, u.t.byPatient, k, k.End()) {
		if err != nil {
			return out, err
		}
		if a.Status.Open() || a.Status == Documenting {
			out.Open++
		}
		took, err := u.tookPlace(&a)
		if err != nil {
			return out, err
		}
		if took {
			out.Visits++
			last = later(last, a.End)
		}
	}
	for d, err := range u.t.documents.RangeBack(u, u.scope, u.t.docsByPatient, k, k.End()) {
		if err != nil {
			return out, err
		}
		out.Documents = append(out.Documents, KeptDocument{d.ID, d.Kind, d.CreatedAt})
		if d.Kind != DocContract && d.Kind != DocConsent { // what was agreed to and never used keeps nobody
			last = later(last, d.CreatedAt)
		}
	}
	if !last.IsZero() {
		out.Until = last.AddDate(out.Years, 0, 0)
	}
	out.Allowed = out.Open == 0 && !u.now.Before(out.Until)
	return out, nil
}

// tookPlace reports whether doctor and patient met at the appointment.
func (u *unit) tookPlace(a *Appointment) (bool, error) {
	if a.Encounter == "" || a.Status == EnteredInError {
		return false, nil
	}
	e, err := u.encounter(a.Encounter)
	if ErrorCode(err) == CodeNotFound {
		return false, nil // never planned
	}
	return !e.StartedAt.IsZero(), err
}

// refusal is why a patient can't be erased; nil when they can.
func (v *Erasure) refusal() error {
	switch {
	case v.Allowed:
		return nil
	case v.Open > 0:
		return fail(CodeTransitionRefused, "%d visits are ahead or not written up: cancel or sign them first", v.Open)
	}
	return fail(CodeRetained, "the law keeps %d visits and %d documents until %s", v.Visits, len(v.Documents), v.Until.Format(time.DateOnly))
}

// Erase removes a patient: their records, files and login, everything that was sealed
// for them, and the keys it was sealed with, so that older backups of the data don't open
// it either. It is refused while the clinic's law keeps something or a visit is open.
// From the first transaction on the patient is out and the rest is promised: what a
// crash cuts off is gone on with.
func (s *Patients) Erase(ctx context.Context, who Actor, patient PatientID) (Erasure, error) {
	var out Erasure
	if err := s.authorize(who, OpErasePatient); err != nil {
		return out, err
	}
	job := Job{ID: id.New(), Kind: JobErase, Object: string(patient)}
	err := s.update(ctx, who, func(u *unit) error {
		p, err := u.patient(patient)
		if err != nil {
			return err
		}
		if out, err = u.erasure(p.ID); err != nil {
			return err
		}
		if err := out.refusal(); err != nil {
			return err
		}
		owners, err := u.dropContacts(&p)
		if err != nil {
			return err
		}
		if err := u.shutOut(p.Account); err != nil {
			return err
		}
		job.Note = strings.Join(append([]string{string(p.Account)}, owners...), " ")
		job.Due = u.now.Add(eraseAgain) // after what follows here
		if err := u.enqueue(job); err != nil {
			return err
		}
		return u.audit("patient.erase", "patient", string(patient), "")
	})
	if err != nil {
		return out, err
	}
	if err := s.erase(ctx, who, job); err != nil {
		return out, fmt.Errorf("erase: the person is out, the rest is gone on with: %w", err)
	}
	out.Done = true
	return out, s.update(ctx, who, func(u *unit) error {
		err := u.t.jobs.Delete(u, u.scope, job.ID, store.Any)
		if errors.Is(err, store.ErrNotFound) {
			return nil // done by the outbox meanwhile
		}
		return err
	})
}

// shutOut ends what an account's owner can do.
func (u *unit) shutOut(id AccountID) error {
	account, err := u.account(id)
	if err != nil {
		return err
	}
	account.Closed = true
	if _, err := u.t.accounts.Put(u, u.scope, &account, account.Rev); err != nil {
		return err
	}
	return u.endSessionsOf(id)
}

// dropContacts removes the invitations by which the patient came or may come again, and
// what waits to be sent to them. It says whose keys the invitations are sealed with. What
// goes to a family's shared address may be another's.
func (u *unit) dropContacts(p *Patient) (owners []string, err error) {
	account, err := u.account(p.Account)
	if err != nil {
		return nil, err
	}
	addresses := map[string]bool{}
	for _, login := range []string{account.Email, account.Phone} {
		if login == "" {
			continue
		}
		n := 0
		for _, err := range u.t.accounts.Where(u, u.scope, u.t.accountsByLogin, store.Text(login)) {
			if err != nil {
				return nil, err
			}
			n++
		}
		addresses[login] = n == 1
	}
	letters := sweep{unit: u, left: erasePage}
	err = drop(&letters, u.t.slowJobs, u.t.slowJobs.List(u, u.scope), func(v *Job) string { return v.ID }, func(v *Job) bool {
		return v.Patient == p.ID || v.Message != nil && addresses[v.Message.To]
	})
	if err != nil {
		return nil, err
	}
	var gone, change []Invite
	for v, err := range u.t.invites.List(u, u.scope) {
		if err != nil {
			return nil, err
		}
		switch {
		case v.Patient == p.ID, addresses[v.Address]:
			gone = append(gone, v)
		case v.Match == p.ID:
			v.Match = ""
			change = append(change, v)
		}
	}
	for _, v := range gone {
		if err := u.t.invites.Delete(u, u.scope, string(v.ID), v.Rev); err != nil {
			return nil, err
		}
		if v.Patient != p.ID && !slices.Contains(owners, string(v.Patient)) {
			owners = append(owners, string(v.Patient))
		}
	}
	for _, v := range change {
		if _, err := u.t.invites.Put(u, u.scope, &v, v.Rev); err != nil {
			return nil, err
		}
	}
	return owners, nil
}

// erase does what Erase promised. It may be done again from anywhere in between.
func (c *core) erase(ctx context.Context, who Actor, j Job) error {
	patient := PatientID(j.Object)
	account, others, _ := strings.Cut(j.Note, " ")
	for more := true; more; {
		err := c.update(ctx, who, func(u *unit) error {
			s := sweep{unit: u, left: erasePage}
			if err := s.patient(patient, AccountID(account)); err != nil {
				return err
			}
			more = s.left <= 0
			return nil
		})
		if err != nil {
			return err
		}
	}
	if c.shredder != nil {
		for _, owner := range append(strings.Fields(others), string(patient)) {
			if err := c.shredder.Destroy(ctx, who.scope(), owner); err != nil {
				return err
			}
		}
		brief, cancel := context.WithTimeout(ctx, scrubLimit)
		defer cancel()
		if err := c.shredder.Scrub(brief); err != nil {
			return err
		}
	}
	return c.update(ctx, who, func(u *unit) error {
		topics := []string{"clinic:" + u.scope}
		for v, err := range u.t.practitioners.List(u, u.scope) { // each has the list of patients
			if err != nil {
				return err
			}
			topics = append(topics, "practitioner:"+string(v.ID))
		}
		u.tell("patient", string(patient), 0, topics...)
		return u.audit("patient.erased", "patient", string(patient), "")
	})
}
