package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"consilium/control/record"
	"consilium/store"
)

// wording is a text as somebody agreed to it. The clinic's own may change; what was
// agreed to must be shown as it was.
type wording struct {
	store.Revised
	ID    string // SHA-256, as Consent.TextSHA256
	Title string
	Text  string
}

// contractNeed is the id of the consent that is the contract.
const contractNeed = "contract"

// keepWording keeps the text that was shown.
func (u *unit) keepWording(n *ConsentNeed, locale, fallback string) error {
	w := wording{ID: n.digest(locale, fallback), Title: n.Title.In(locale, fallback), Text: n.Text.In(locale, fallback)}
	known, err := u.t.wordings.Has(u, u.scope, w.ID)
	if err != nil || known {
		return err
	}
	_, err = u.t.wordings.Put(u, u.scope, &w, 0)
	return err
}

// issueConsents promises the paper of each consent that stands and has none. It is part of
// agreeing and of each booking, and makes each paper once: the document has the consent's
// own id.
func (u *unit) issueConsents(patient PatientID) error {
	if u.silent {
		return nil
	}
	states, err := u.consentsOf(patient)
	if err != nil {
		return err
	}
	for _, s := range states {
		given := s.standing()
		if given == nil {
			continue
		}
		known, err := u.t.documents.Has(u, u.scope, given.ID)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := u.enqueue(Job{Kind: JobConsentPaper, Object: given.ID}); err != nil {
			return err
		}
	}
	return nil
}

// standing is the answer by which the newest version that was agreed to was first agreed
// to; nil when none was, or it was taken back. Saying yes again to the same text is no
// other agreement.
func (s *ConsentState) standing() *Consent {
	var out *Consent
	for i := range s.History {
		switch v := &s.History[i]; {
		case !v.Given:
			out = nil
		case out == nil || out.Version != v.Version:
			out = v
		}
	}
	return out
}

// issueConsent makes the paper of a consent and puts it into the patient's card.
func (c *core) issueConsent(ctx context.Context, clinic ClinicID, consent string) error {
	who := System(clinic)
	var d record.Document
	var out Document
	done := false
	err := c.view(ctx, who, func(u *unit) (err error) {
		if done, err = u.t.documents.Has(u, u.scope, consent); err != nil || done {
			return err
		}
		d, out, err = u.consentPaper(consent)
		return err
	})
	switch {
	case gone(err): // the patient's data were erased, or the text is of a time that kept none
		c.log.Warn("a consent has no paper", "consent", consent, "error", err)
		return nil
	case err != nil || done:
		return err
	}
	signer, err := c.signer(ctx, who, d.Clinic.Name)
	if err != nil {
		return err
	}
	d.Seal = signer.Seal()
	pdf, err := record.Render(d)
	if err != nil {
		return fmt.Errorf("render a consent: %w", err)
	}
	if pdf, err = signer.Sign(pdf, c.clock(), out.Title); err != nil {
		return fmt.Errorf("sign a consent: %w", err)
	}
	blob, err := c.blobs.Put(ctx, who.scope(), string(out.Patient), bytes.NewReader(pdf))
	if err != nil {
		return storeError(err)
	}
	out.Size, out.SHA256, out.Blob = blob.Size, blob.SHA256, blob.ID
	err = c.update(ctx, who, func(u *unit) error {
		known, err := u.t.documents.Has(u, u.scope, string(out.ID))
		if err != nil {
			return err
		}
		if known { // another run of the same job
			return u.enqueue(Job{Kind: JobDeleteBlob, Object: blob.ID})
		}
		fresh := out
		if _, err := u.t.documents.Put(u, u.scope, &fresh, 0); err != nil {
			return err
		}
		u.tell("document", string(out.ID), fresh.Rev, "patient:"+string(out.Patient))
		return u.audit("document.issue", "document", string(out.ID), string(out.Kind))
	})
	if err != nil {
		(&Documents{c}).dropBlob(ctx, who, blob.ID)
	}
	return err
}

// consentPaper lays out the text that was agreed to.
func (u *unit) consentPaper(consent string) (record.Document, Document, error) {
	var d record.Document
	var out Document
	v, _, err := u.t.consents.Get(u, u.scope, consent)
	if err != nil {
		return d, out, err
	}
	clinic, err := u.clinic()
	if err != nil {
		return d, out, err
	}
	zone, err := clinic.Location()
	if err != nil {
		return d, out, err
	}
	patient, err := u.patient(v.Patient)
	if err != nil {
		return d, out, err
	}
	text, err := u.wordingOf(&v, &clinic)
	if err != nil {
		return d, out, err
	}
	language := u.letters.Locale(orElse(v.Locale, clinic.Language()))
	out = Document{
		ID: DocumentID(v.ID), Patient: v.Patient, Kind: DocConsent, Title: text.Title, Mime: "application/pdf",
		CreatedAt: v.At, Author: v.By, ByName: patient.Name, Status: "current",
	}
	if v.Need == contractNeed {
		out.Kind = DocContract
	}
	d = record.Document{
		Number: v.At.In(zone).Format("2006") + "-" + strings.ToUpper(v.ID[:min(8, len(v.ID))]), Locale: language, Title: text.Title,
		SignedAt: v.At,
		Clinic: record.Clinic{
			Name: clinic.Name.In(language, clinic.Language()), Licence: clinic.Licence,
			Address: clinic.Address.In(language, clinic.Language()), Phone: clinic.Phone, Accent: clinic.Accent,
		},
		Patient:   record.Patient{Name: patient.Name, BirthDate: patient.BirthDate},
		Visit:     record.Visit{Zone: zone},
		Sections:  []record.Section{{Text: text.Text}},
		Agreement: &record.Agreement{Version: v.Version, Digest: v.TextSHA256},
	}
	return d, out, nil
}

// wordingOf finds the text that was agreed to: as it was kept, or the clinic's own if it is
// still that one.
func (u *unit) wordingOf(v *Consent, clinic *Clinic) (wording, error) {
	w, _, err := u.t.wordings.Get(u, u.scope, v.TextSHA256)
	if !errors.Is(err, store.ErrNotFound) {
		return w, err
	}
	for _, n := range clinic.Jurisdiction.Consents {
		if n.ID == v.Need && n.digest(v.Locale, clinic.Language()) == v.TextSHA256 {
			return wording{ID: v.TextSHA256, Title: n.Title.In(v.Locale, clinic.Language()), Text: n.Text.In(v.Locale, clinic.Language())}, nil
		}
	}
	return w, err
}
