// Package store keeps typed records in transactions over any ordered key-value
// engine. It knows no clinic, patient or rule: what a record means and who may
// see it is decided above.
//
// A Collection holds records of one type. Every call names a scope, the clinic
// id, which leads every key on disk, so that no read of one clinic can meet
// another one's rows. Indexes are rows of their own, written in the same
// transaction as the record.
//
//	type Appointment struct {
//		store.Revised  // fills Rev on every read; not stored
//		ID, DoctorID string
//		Start        time.Time
//	}
//
//	byStart := store.IndexBy("start", func(a *Appointment) store.Key {
//		return store.Time(a.Start)
//	})
//	byDoctor := store.IndexBy("doctor", func(a *Appointment) store.Key {
//		return store.Text(a.DoctorID).Time(a.Start)
//	})
//	appointments := store.NewCollection("appointment",
//		func(a *Appointment) string { return a.ID }, byStart, byDoctor)
//
//	err := db.Update(ctx, func(tx store.Tx) error {
//		for a, err := range appointments.Range(tx, clinicID, byDoctor,
//			store.Text(doctorID).Time(dayStart), store.Text(doctorID).Time(dayEnd)) {
//			if err != nil {
//				return err
//			}
//			... // a is an Appointment, a.Rev its revision
//		}
//		a, rev, err := appointments.Get(tx, clinicID, id)
//		if err != nil {
//			return err
//		}
//		a.Start = a.Start.Add(time.Hour)
//		_, err = appointments.Put(tx, clinicID, &a, rev)
//		return err
//	})
//
// A function given to View or Update may run more than once. It has no effect
// but its writes: what it hands out is assigned, not appended, and mail, sockets
// and files wait until Update has returned nil.
//
// Beside collections there are Sequence, which counts without gaps within a
// scope, Log, which appends entries under consecutive numbers, and Blobs for
// files.
//
// Seal puts encryption under all of this: what collections, sequences and logs
// write is sealed with data keys of the scope or, where OwnedBy says so, of a
// patient, and keys of Blinded indexes are hashed. Callers see no difference. The
// keys live in store/keyring. Migrate brings older data to the newest schema;
// store/backup copies a running server's data and brings it back.
//
// Engines are store/bolt and store/mem; storetest holds the suite that every
// engine passes.
package store
