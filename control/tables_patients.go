package control

import "consilium/store"

// patientTables are the collections of how people become patients, who sees their
// cards, and what they agreed to. All is sealed under the patient's own key.
type patientTables struct {
	patientsByIdentity  *store.Index[Patient]
	byColleague         *store.Index[Appointment]
	invites             *store.Collection[Invite]
	invitesByToken      *store.Index[Invite]
	invitesByAddress    *store.Index[Invite]
	consents            *store.Collection[Consent]
	consentsByPatient   *store.Index[Consent]
	breakGlass          *store.Collection[BreakGlass]
	breakGlassByPatient *store.Index[BreakGlass]
	readings            *store.Collection[Reading]
	readingsByPatient   *store.Index[Reading]
}

func newPatientTables() patientTables {
	t := patientTables{
		patientsByIdentity: store.IndexBy("identity", func(v *Patient) store.Key { return identityKey(v.Name, v.BirthDate) }).Blinded(),
		byColleague:        store.IndexEach("colleague", (*Appointment).colleagueKeys),
		invitesByToken: store.IndexBy("token", func(v *Invite) store.Key {
			if v.Token == "" {
				return ""
			}
			return store.Text(v.Token)
		}),
		invitesByAddress:    store.IndexBy("address", func(v *Invite) store.Key { return store.Text(v.Address) }).Blinded(),
		consentsByPatient:   store.IndexBy("patient", func(v *Consent) store.Key { return store.Text(string(v.Patient)).Number(int64(v.N)) }),
		breakGlassByPatient: store.IndexBy("patient", func(v *BreakGlass) store.Key { return store.Text(string(v.Patient)).Time(v.At) }),
		readingsByPatient:   store.IndexBy("patient", func(v *Reading) store.Key { return store.Text(string(v.Patient)).Time(v.First) }),
	}
	t.invites = store.NewCollection("invitation", func(v *Invite) string { return string(v.ID) }, t.invitesByToken, t.invitesByAddress).
		OwnedBy(func(v *Invite) string { return string(v.Patient) })
	t.consents = store.NewCollection("consent", func(v *Consent) string { return v.ID }, t.consentsByPatient).
		OwnedBy(func(v *Consent) string { return string(v.Patient) })
	t.breakGlass = store.NewCollection("break_glass", func(v *BreakGlass) string { return string(v.ID) }, t.breakGlassByPatient).
		OwnedBy(func(v *BreakGlass) string { return string(v.Patient) })
	t.readings = store.NewCollection("reading", func(v *Reading) string { return v.ID }, t.readingsByPatient).
		OwnedBy(func(v *Reading) string { return string(v.Patient) })
	return t
}

// colleagueKeys file a consultation under the doctors who were asked to join it,
// while they may.
func (p *Appointment) colleagueKeys() []store.Key {
	if !p.joint() {
		return nil
	}
	var out []store.Key
	for _, id := range p.Colleagues {
		out = append(out, colleagueKey(id))
	}
	return out
}
