package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Document is all that is printed. Texts may be of any length and hold any
// characters: what the font lacks is replaced visibly, long text goes on over
// as many pages as it needs.
type Document struct {
	Number string // the clinic's number of the document, required
	Locale string // "ru" or "en": language of titles and dates
	// Title replaces the locale's "Consultation report".
	Title string

	Clinic       Clinic
	Patient      Patient
	Practitioner Practitioner
	Visit        Visit
	Sections     []Section
	// Agreement, if set, makes it a text that the patient has agreed to: it has no doctor
	// and no visit, and its signature block names the patient. Visit.Zone still counts.
	Agreement *Agreement `json:",omitempty"`

	// SignedAt is printed in the signature block, and is the creation time of
	// the file; required.
	SignedAt time.Time
	// Seal describes the certificate the file is going to be signed with; see
	// Signer.Seal. Without a serial the block names the practitioner only.
	Seal Seal
}

// Clinic is the letterhead.
type Clinic struct {
	Name    string
	Licence string // as it is to be printed, with number and date
	Address string
	Phone   string
	Email   string
	Site    string
	// Accent is the clinic's colour as #rrggbb; anything else is the default.
	Accent string
}

// Patient is whom the document is about.
type Patient struct {
	Name      string
	BirthDate string // YYYY-MM-DD, or empty
	Sex       string // "male", "female", or empty
	Card      string // number of the medical card, or empty
}

// Practitioner is the doctor who signs.
type Practitioner struct {
	Name      string
	Specialty string
}

// Visit is the consultation.
type Visit struct {
	Start, End time.Time
	Zone       *time.Location // in which times are printed; UTC when nil
	Service    string
	Modality   string // "video", "audio", "chat", or empty
}

// Section is one part of the conclusion. A section without text is left out.
type Section struct {
	// Key is one of complaint, anamnesis, findings, diagnosis and plan, whose
	// titles are known in each locale. Diagnosis is set off from the others.
	Key string
	// Title replaces that of the key.
	Title string
	Text  string
	// Code is a classification code, such as ICD-10, printed beside the text.
	Code string
}

// Agreement says which text was agreed to. When is the document's SignedAt.
type Agreement struct {
	Version string
	Digest  string // SHA-256 of the text that was shown, in hexadecimal
}

// Seal is what is printed about the certificate.
type Seal struct {
	Holder      string
	Serial      string
	From, Until time.Time
}

// ErrIncomplete says that a Document lacks what no document may lack.
var ErrIncomplete = errors.New("record: incomplete document")

// Validate names what is missing.
func (d *Document) Validate() error {
	for _, f := range []struct {
		name   string
		absent bool
	}{
		{"number", d.Number == ""},
		{"clinic's name", d.Clinic.Name == ""},
		{"patient's name", d.Patient.Name == ""},
		{"practitioner's name", d.Practitioner.Name == "" && d.Agreement == nil},
		{"start of the visit", d.Visit.Start.IsZero() && d.Agreement == nil},
		{"time of signing", d.SignedAt.IsZero()},
		{"text of any section", !d.hasText()},
	} {
		if f.absent {
			return fmt.Errorf("%w: no %s", ErrIncomplete, f.name)
		}
	}
	return nil
}

func (d *Document) hasText() bool {
	for _, s := range d.Sections {
		if s.Text != "" || s.Code != "" {
			return true
		}
	}
	return false
}

// Digest is the SHA-256 of the document's content in hexadecimal. Its
// beginning is printed on every page, so that two versions of a paper can be
// told apart; it is not the hash of the file.
func (d *Document) Digest() string {
	c := *d
	c.SignedAt, c.Visit.Start, c.Visit.End = c.SignedAt.UTC(), c.Visit.Start.UTC(), c.Visit.End.UTC()
	c.Seal.From, c.Seal.Until = c.Seal.From.UTC(), c.Seal.Until.UTC()
	c.Visit.Zone = nil
	// Marshalling structs of strings and times of these years cannot fail.
	raw, _ := json.Marshal(&c)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func (d *Document) zone() *time.Location {
	if d.Visit.Zone == nil {
		return time.UTC
	}
	return d.Visit.Zone
}
