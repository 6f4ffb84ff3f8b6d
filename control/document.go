package control

import (
	"context"
	"io"
	"time"

	"consilium/internal/id"
	"consilium/store"
)

// DocumentKind says what a document of a card is.
type DocumentKind string

// The kinds of document.
const (
	DocConclusion DocumentKind = "conclusion"
	DocChatFile   DocumentKind = "chat_file"
	DocIntakeFile DocumentKind = "intake_file" // sent before the visit
	DocContract   DocumentKind = "contract"    // agreed to by the patient
	DocConsent    DocumentKind = "consent"     // the same
)

// Document is a file of a patient's card; its bytes are a blob beside the store.
type Document struct {
	store.Revised
	ID        DocumentID
	Patient   PatientID
	Encounter EncounterID
	Kind      DocumentKind
	Title     string // what people see; a chat file's is its name
	Mime      string
	Size      int64
	SHA256    string
	Blob      string
	CreatedAt time.Time
	Author    AccountID
	ByName    string
	Status    string // current, superseded
}

// DocumentContent is a document with its bytes. The caller closes it.
type DocumentContent struct {
	Document
	io.ReadSeekCloser
}

// Documents is about the files of cards.
type Documents struct{ *core }

// Open returns a document's content: to its patient always, to a doctor while a
// consultation gives access to the card, to a guest the files of the chat that
// they take part in. Staff's reading is on the audit trail.
func (s *Documents) Open(ctx context.Context, who Actor, doc DocumentID) (DocumentContent, error) {
	var out DocumentContent
	if err := s.authorize(who, OpReadDocument); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		d, _, err := u.t.documents.Get(u, u.scope, string(doc))
		if err != nil {
			return missing(err, "document")
		}
		by, err := u.mayReadDocument(&d)
		if err != nil {
			return err
		}
		out.Document = d
		return u.noteReading(d.Patient, by, "document.read", string(d.ID))
	})
	if err != nil {
		return out, err
	}
	content, err := s.blobs.Open(ctx, who.scope(), out.Blob)
	if err != nil {
		return out, storeError(missing(err, "document"))
	}
	out.ReadSeekCloser = content
	return out, nil
}

// mayReadDocument returns by what right a doctor reads the document; nil is the
// patient's or a guest's own.
func (u *unit) mayReadDocument(d *Document) (*Access, error) {
	switch u.who.Role {
	case RolePatient:
		if d.Patient == u.who.Patient {
			return nil, nil
		}
	case RolePractitioner:
		by, err := u.cardAccess(d.Patient)
		if err == nil && by == nil {
			err = accessClosed()
		}
		return by, err
	case RoleGuest:
		e, a, err := u.meeting(u.who.Encounter)
		if err != nil {
			return nil, err
		}
		if d.Encounter == e.ID && d.Kind == DocChatFile {
			return nil, u.mayReadChat(&e, &a)
		}
	}
	return nil, notFound("document")
}

// Upload is a file on its way into a chat and the card.
type Upload struct {
	Name     string // as the sender calls it; sanitised here
	ClientID string // the same again is the same file; "" for none
	Content  io.Reader
}

// Upload stores a file that a person of the encounter sends: the blob first, then
// document and message in one transaction. Its type is what its bytes are.
func (s *Documents) Upload(ctx context.Context, who Actor, encounter EncounterID, in Upload) (Document, Message, error) {
	var doc Document
	var msg Message
	if err := s.authorize(who, OpUpload); err != nil {
		return doc, msg, err
	}
	if len(in.ClientID) > 64 {
		return doc, msg, invalid("header/X-Client-Id", "at most 64 characters")
	}
	var patient PatientID
	err := s.view(ctx, who, func(u *unit) error { // before a byte is stored
		e, a, err := u.meeting(encounter)
		patient = e.Patient
		if err != nil {
			return err
		}
		return u.mayWriteChat(&e, &a)
	})
	if err != nil {
		return doc, msg, err
	}
	fresh, err := s.receive(ctx, who, patient, encounter, in)
	if err != nil {
		return doc, msg, err
	}
	message := id.New()
	if in.ClientID == "" {
		in.ClientID = message
	}
	kept := false
	err = s.update(ctx, who, func(u *unit) error {
		kept = false
		e, a, err := u.meeting(encounter)
		if err != nil {
			return err
		}
		if err := u.mayWriteChat(&e, &a); err != nil {
			return err
		}
		doc = fresh
		msg, err = u.post(&e, Message{
			ID: message, ClientID: in.ClientID,
			File: &File{ID: string(doc.ID), Name: doc.Title, Mime: doc.Mime, Size: doc.Size},
		})
		if err != nil {
			return err
		}
		if msg.ID != message { // sent before: its file is there already
			if msg.File == nil {
				return invalid("header/X-Client-Id", "this id was a text message's")
			}
			if doc, _, err = u.t.documents.Get(u, u.scope, msg.File.ID); err != nil {
				return err
			}
			return u.enqueue(Job{Kind: JobDeleteBlob, Object: fresh.Blob})
		}
		doc.Patient, doc.CreatedAt, doc.ByName = e.Patient, u.now, msg.SenderName
		if _, err := u.t.documents.Put(u, u.scope, &doc, 0); err != nil {
			return err
		}
		kept = true
		u.after = append(u.after, func(r Rooms) { r.PublishChat(string(encounter), msg) })
		u.tell("document", string(doc.ID), doc.Rev, u.privateTopicsOf(&e)...)
		return u.audit("document.upload", "document", string(doc.ID), doc.Mime)
	})
	if err != nil && !kept {
		s.dropBlob(ctx, who, fresh.Blob)
	}
	return doc, msg, err
}

// receive stores the bytes of a file and looks into them: what it returns is a document
// of the encounter's chat that no record names yet.
func (s *Documents) receive(ctx context.Context, who Actor, patient PatientID, encounter EncounterID, in Upload) (Document, error) {
	head, mime, err := sniff(in.Content)
	if err != nil {
		return Document{}, err
	}
	limited := &limit{r: io.MultiReader(head, in.Content), left: s.cfg.MaxUpload}
	blob, err := s.blobs.Put(ctx, who.scope(), string(patient), limited)
	if limited.over {
		return Document{}, fail(CodeTooLarge, "at most %d MiB", s.cfg.MaxUpload>>20)
	}
	if err != nil {
		return Document{}, uploadError(ctx, limited, err)
	}
	if err := s.inspect(ctx, who, encounter, blob.ID, mime); err != nil {
		return Document{}, err
	}
	return Document{
		ID: DocumentID(id.New()), Encounter: encounter, Kind: DocChatFile, Title: fileName(in.Name, mime), Mime: mime,
		Size: blob.Size, SHA256: blob.SHA256, Blob: blob.ID, Author: who.Account, Status: "current",
	}, nil
}

// dropBlob removes a file that no record came to name. What can't be removed now
// is an orphan, which the store's sweep finds.
func (s *Documents) dropBlob(ctx context.Context, who Actor, blob string) {
	if err := s.blobs.Delete(context.WithoutCancel(ctx), who.scope(), blob); err != nil {
		s.log.Warn("file without a record left for the sweep", "error", err)
	}
}
