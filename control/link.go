package control

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"consilium/internal/id"
	"consilium/store"
)

// LinkKind says which operation a sign-in link works with.
type LinkKind string

// The kinds of link.
const (
	LinkDemo  LinkKind = "demo"  // staff of the demo clinic; only in demo mode
	LinkVisit LinkKind = "visit" // a patient, for one visit
	LinkGuest LinkKind = "guest" // a third person, for one consultation

	LinkSignIn   LinkKind = "sign_in"  // no link: the session's owner showed who they are
	LinkActivate LinkKind = "activate" // a member of staff, to choose how they will sign in
	LinkReset    LinkKind = "reset"    // to choose a new password; signs nobody in
)

// SignInLink is a secret link that signs an account in until it expires. Its
// token is never stored: the id is the token's hash.
type SignInLink struct {
	store.Revised
	ID          string
	Kind        LinkKind
	Account     AccountID
	Appointment AppointmentID
	Expires     time.Time
	Demo        bool // made by SeedDemo, replaced at its next run
}

// newToken makes a secret that also says which clinic it belongs to, so that the
// look-up stays within that clinic's keys.
func newToken(clinic ClinicID) string { return string(clinic) + "." + id.Secret() }

// hashToken is how a token is kept.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// clinicOfToken returns the clinic that a token names. It proves nothing yet.
func clinicOfToken(token string) (ClinicID, bool) {
	clinic, secret, ok := strings.Cut(token, ".")
	if !ok || !id.Valid(clinic) || secret == "" || len(secret) > 100 {
		return "", false
	}
	return ClinicID(clinic), true
}

// putLink stores a link under its token's hash.
func (u *unit) putLink(token string, l SignInLink) error {
	l.ID = hashToken(token)
	_, err := u.t.links.Put(u, u.scope, &l, 0)
	return err
}
