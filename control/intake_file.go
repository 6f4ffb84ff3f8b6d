package control

import (
	"context"
	"errors"
	"slices"

	"consilium/store"
)

// maxIntakeFiles bounds what a patient sends before one visit.
const maxIntakeFiles = 10

// AddFile stores a file that the patient sends before the visit: the blob first, then
// document and intake in one transaction. The same ClientID again is the same file.
func (s *Intakes) AddFile(ctx context.Context, who Actor, id AppointmentID, in Upload) (IntakeView, error) {
	var out IntakeView
	if err := s.authorize(who, OpFillIntake); err != nil {
		return out, err
	}
	if len(in.ClientID) > 64 {
		return out, invalid("header/X-Client-Id", "at most 64 characters")
	}
	var place DocumentID
	var room EncounterID
	known := false
	may := func(u *unit) error {
		a, v, err := u.fillable(id)
		if err != nil {
			return err
		}
		room = a.Encounter
		if in.ClientID != "" {
			place = DocumentID(hashed(string(v.Thread), in.ClientID))
		}
		if known = v.has(place); known {
			out, err = u.showIntake(&a)
			return err
		}
		if len(v.Files) >= maxIntakeFiles {
			return fail(CodeTooMany, "at most %d files", maxIntakeFiles)
		}
		return nil
	}
	if err := s.view(ctx, who, may); err != nil || known { // before a byte is stored
		return out, err
	}
	documents := &Documents{s.core}
	doc, err := documents.receive(ctx, who, who.Patient, room, in)
	if err != nil {
		return out, err
	}
	if place != "" {
		doc.ID = place
	}
	err = s.update(ctx, who, func(u *unit) error {
		if err := may(u); err != nil {
			return err
		}
		if known { // sent twice at once
			return u.enqueue(Job{Kind: JobDeleteBlob, Object: doc.Blob})
		}
		a, v, err := u.fillable(id)
		if err != nil {
			return err
		}
		kept := doc
		kept.Kind, kept.Patient, kept.CreatedAt, kept.ByName = DocIntakeFile, a.Patient, u.now, who.Name
		if _, err := u.t.documents.Put(u, u.scope, &kept, 0); err != nil {
			return err
		}
		v.Files, v.Saved = append(slices.Clone(v.Files), kept.ID), u.now
		if err := u.keepIntake(&a, &v); err != nil {
			return err
		}
		u.tell("document", string(kept.ID), kept.Rev, "practitioner:"+string(a.Practitioner), "patient:"+string(a.Patient))
		if out, err = u.showIntake(&a); err != nil {
			return err
		}
		return u.audit("document.upload", "document", string(kept.ID), kept.Mime)
	})
	if err != nil {
		documents.dropBlob(ctx, who, doc.Blob)
	}
	return out, err
}

// RemoveFile takes back a file, until the visit begins.
func (s *Intakes) RemoveFile(ctx context.Context, who Actor, id AppointmentID, file DocumentID) (IntakeView, error) {
	var out IntakeView
	if err := s.authorize(who, OpFillIntake); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		a, v, err := u.fillable(id)
		if err != nil {
			return err
		}
		if !v.has(file) {
			return notFound("document")
		}
		d, rev, err := u.t.documents.Get(u, u.scope, string(file))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil {
			if err := u.t.documents.Delete(u, u.scope, string(file), rev); err != nil {
				return err
			}
			if err := u.enqueue(Job{Kind: JobDeleteBlob, Object: d.Blob}); err != nil {
				return err
			}
		}
		v.Files = slices.DeleteFunc(slices.Clone(v.Files), func(one DocumentID) bool { return one == file })
		v.Saved = u.now
		if err := u.keepIntake(&a, &v); err != nil {
			return err
		}
		u.tell("document", string(file), 0, "practitioner:"+string(a.Practitioner), "patient:"+string(a.Patient))
		if out, err = u.showIntake(&a); err != nil {
			return err
		}
		return u.audit("document.remove", "document", string(file), "")
	})
	return out, err
}
