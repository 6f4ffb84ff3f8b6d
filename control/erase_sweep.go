package control

import (
	"errors"
	"iter"
	"strings"

	"consilium/store"
)

// sweep removes records within one transaction until there are none left or enough
// have gone. What is found by another record goes before it, so that the next
// transaction finds the rest.
type sweep struct {
	*unit
	left int
}

// drop removes the records of a collection that seq yields and fits wants.
func drop[T any](s *sweep, c *store.Collection[T], seq iter.Seq2[T, error], id func(*T) string, fits func(*T) bool) error {
	if s.left <= 0 {
		return nil
	}
	var ids []string
	for v, err := range seq {
		if err != nil {
			return err
		}
		if len(ids) == s.left {
			break
		}
		if fits == nil || fits(&v) {
			ids = append(ids, id(&v))
		}
	}
	for _, one := range ids {
		if err := c.Delete(s, s.scope, one, store.Any); err != nil {
			return err
		}
	}
	s.left -= len(ids)
	return nil
}

// dropOne removes a record that may not be there.
func dropOne[T any](s *sweep, c *store.Collection[T], scope, id string) error {
	if s.left <= 0 || id == "" {
		return nil
	}
	err := c.Delete(s, scope, id, store.Any)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	s.left--
	return err
}

// patient removes all that is a patient's.
func (s *sweep) patient(id PatientID, account AccountID) error {
	k := store.Text(string(id))
	if err := s.visits(k); err != nil {
		return err
	}
	if err := s.files(k); err != nil {
		return err
	}
	err := errors.Join(
		drop(s, s.t.waits, s.t.waits.Range(s, s.scope, s.t.waitsOf, k, k.End()), func(v *WaitEntry) string { return string(v.ID) }, nil),
		drop(s, s.t.consents, s.t.consents.Range(s, s.scope, s.t.consentsByPatient, k, k.End()), func(v *Consent) string { return v.ID }, nil),
		drop(s, s.t.breakGlass, s.t.breakGlass.Range(s, s.scope, s.t.breakGlassByPatient, k, k.End()), func(v *BreakGlass) string { return string(v.ID) }, nil),
		drop(s, s.t.readings, s.t.readings.Range(s, s.scope, s.t.readingsByPatient, k, k.End()), func(v *Reading) string { return v.ID }, nil),
		drop(s, s.t.slowJobs, s.t.slowJobs.List(s, s.scope), func(v *Job) string { return v.ID }, func(v *Job) bool { return v.Patient == id }),
		drop(s, s.t.jobs, s.t.jobs.List(s, s.scope), func(v *Job) string { return v.ID }, func(v *Job) bool {
			return v.Kind == JobAccessEnds && v.Object == string(id)
		}),
		s.account(account),
	)
	if err != nil {
		return err
	}
	return dropOne(s, s.t.patients, s.scope, string(id))
}

// visits removes appointments, each after all that hangs on it.
func (s *sweep) visits(k store.Key) error {
	var all []Appointment
	for a, err := range s.t.appointments.Range(s, s.scope, s.t.byPatient, k, k.End()) {
		if err != nil {
			return err
		}
		if all = append(all, a); len(all) == s.left {
			break
		}
	}
	for i := range all {
		if err := s.visit(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sweep) visit(a *Appointment) error {
	if err := s.meeting(a.Encounter); err != nil {
		return err
	}
	err := errors.Join(
		dropOne(s, s.t.intakes, s.scope, string(a.Thread())),
		dropOne(s, s.t.emergencies, s.scope, string(a.ID)),
		dropOne(s, s.t.reminders, s.scope, string(a.ID)),
		dropOne(s, s.t.alarms, s.scope, string(a.ID)),
	)
	if err != nil || s.left <= 0 {
		return err
	}
	s.announce(a)
	return dropOne(s, s.t.appointments, s.scope, string(a.ID))
}

// meeting removes what was said, written and by whom beside doctor and patient.
func (s *sweep) meeting(id EncounterID) error {
	if id == "" {
		return nil
	}
	k := store.Text(string(id))
	err := drop(s, s.t.messages, s.t.messages.Range(s, s.scope, s.t.bySeq, k, k.End()), func(v *chatMessage) string { return v.ID }, nil)
	if err != nil {
		return err
	}
	err = drop(s, s.t.versions, within(s.t.versions.ListAfter(s, s.scope, string(id)+"/"), func(v *CompositionVersion) bool {
		return strings.HasPrefix(v.id(), string(id)+"/")
	}), (*CompositionVersion).id, nil)
	if err != nil {
		return err
	}
	if err := dropOne(s, s.t.compositions, s.scope, string(id)); err != nil {
		return err
	}
	e, err := s.encounter(id)
	if ErrorCode(err) == CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range e.Participants {
		if p.Role == RoleGuest {
			if err := s.account(p.Account); err != nil {
				return err
			}
		}
	}
	if err := dropOne(s, s.t.rooms, store.Global, string(id)); err != nil {
		return err
	}
	return dropOne(s, s.t.encounters, s.scope, string(id))
}

// within ends a sequence at the first record that does not fit.
func within[T any](seq iter.Seq2[T, error], fits func(*T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range seq {
			if err == nil && !fits(&v) || !yield(v, err) {
				return
			}
		}
	}
}

// files removes documents; their contents go by the outbox.
func (s *sweep) files(k store.Key) error {
	var blobs []string
	seq := s.t.documents.Range(s, s.scope, s.t.docsByPatient, k, k.End())
	err := drop(s, s.t.documents, seq, func(v *Document) string { return string(v.ID) }, func(v *Document) bool {
		blobs = append(blobs, v.Blob)
		return true
	})
	if err != nil {
		return err
	}
	for _, blob := range blobs {
		if err := s.enqueue(Job{Kind: JobDeleteBlob, Object: blob}); err != nil {
			return err
		}
	}
	return nil
}

// account removes a login with all by which it opens.
func (s *sweep) account(id AccountID) error {
	if id == "" {
		return nil
	}
	k := store.Text(string(id))
	return errors.Join(
		drop(s, s.t.links, s.t.links.Range(s, s.scope, s.t.linksByAccount, k, k.End()), func(v *SignInLink) string { return v.ID }, nil),
		drop(s, s.t.sessions, s.t.sessions.Where(s, s.scope, s.t.sessionsByAccount, k), func(v *Session) string { return string(v.ID) }, nil),
		drop(s, s.t.pushDevices, s.t.pushDevices.Where(s, s.scope, s.t.pushByAccount, k), func(v *pushDevice) string { return v.ID }, nil),
		drop(s, s.t.feeds, s.t.feeds.Where(s, s.scope, s.t.feedsByAccount, k), func(v *Feed) string { return v.ID }, nil),
		drop(s, s.t.attempts, s.t.attempts.List(s, s.scope), func(v *attempt) string { return v.ID }, func(v *attempt) bool { return v.concerns(id) }),
		dropOne(s, s.t.credentials, s.scope, string(id)),
		dropOne(s, s.t.accounts, s.scope, string(id)),
	)
}
