package passkey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Errors of a ceremony.
var (
	// ErrRefused: the answer is not one that a known key gives to this challenge here.
	ErrRefused = errors.New("the passkey's answer was refused")
	// ErrCloned: the key's counter went back; there may be a copy of it. It wraps ErrRefused.
	ErrCloned = fmt.Errorf("%w: its counter went back", ErrRefused)
)

// Site is the server as browsers know it. Keys made for one site work on no other.
type Site struct{ rp *webauthn.WebAuthn }

// New returns the site of a public URL. Browsers allow passkeys only where the host has a
// name and the connection is safe; for any other URL there is an error.
func New(publicURL string) (*Site, error) {
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	if u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil, errors.New("passkeys need https")
	}
	if err := protocol.ValidateRPID(u.Hostname()); err != nil {
		return nil, fmt.Errorf("passkeys need a host with a name: %w", err)
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Consilium", RPOrigins: []string{u.Scheme + "://" + u.Host},
		// No attestation: it would name the device's maker and model, which is nobody's business.
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:      protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return &Site{rp}, nil
}

// Key is a registered passkey. Record is opaque and changes with each use.
type Key struct {
	ID     []byte
	Record []byte
}

// Person is the owner of keys. Handle is at most 64 bytes, the same for ever, and comes
// back when the person signs in without saying who they are.
type Person struct {
	Handle []byte
	Name   string // what they sign in with, for the device's list
	Full   string
	Clinic string
	Keys   []Key
}

// Begin is the first half of a ceremony: Options go to the browser, Pending is kept for
// the second half and used once.
type Begin struct {
	Options json.RawMessage
	Pending []byte
}

// Register begins to make a key for a person. Keys that they have are not made twice.
func (s *Site) Register(p Person) (Begin, error) {
	user, err := newUser(p)
	if err != nil {
		return Begin{}, err
	}
	var known []protocol.CredentialDescriptor
	for _, c := range user.credentials {
		known = append(known, c.Descriptor())
	}
	made, session, err := s.rp.BeginRegistration(user, webauthn.WithExclusions(known))
	if err != nil {
		return Begin{}, fmt.Errorf("begin a passkey: %w", err)
	}
	made.Response.RelyingParty.Name = p.Clinic
	return begun(made.Response, session)
}

// Registered checks a new key that answers Register.
func (s *Site) Registered(p Person, pending, answer []byte) (Key, error) {
	user, err := newUser(p)
	if err != nil {
		return Key{}, err
	}
	session, err := resume(pending)
	if err != nil {
		return Key{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Key{}, refused(err)
	}
	made, err := s.rp.CreateCredential(user, session, parsed)
	if err != nil {
		return Key{}, refused(err)
	}
	for _, k := range p.Keys {
		if bytes.Equal(k.ID, made.ID) {
			return Key{}, refused(errors.New("the key is there already"))
		}
	}
	return newKey(made)
}

// SignIn begins to check a key of this person, or, when p is nil, of anybody.
func (s *Site) SignIn(p *Person) (Begin, error) {
	if p == nil {
		asked, session, err := s.rp.BeginDiscoverableLogin()
		if err != nil {
			return Begin{}, fmt.Errorf("begin a sign-in: %w", err)
		}
		return begun(asked.Response, session)
	}
	user, err := newUser(*p)
	if err != nil {
		return Begin{}, err
	}
	asked, session, err := s.rp.BeginLogin(user)
	if err != nil {
		return Begin{}, fmt.Errorf("begin a sign-in: %w", err)
	}
	return begun(asked.Response, session)
}

// SignedIn checks what answers SignIn and returns the key in its new state. find returns
// the owner of a handle. An error that wraps ErrRefused is the answer's fault.
func (s *Site) SignedIn(find func(handle []byte) (Person, error), pending, answer []byte) (Person, Key, error) {
	session, err := resume(pending)
	if err != nil {
		return Person{}, Key{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Person{}, Key{}, refused(err)
	}
	handle := parsed.Response.UserHandle
	if len(session.UserID) > 0 {
		handle = session.UserID
	}
	person, err := find(handle)
	if err != nil {
		return Person{}, Key{}, err
	}
	user, err := newUser(person)
	if err != nil {
		return Person{}, Key{}, err
	}
	var used *webauthn.Credential
	if len(session.UserID) > 0 {
		used, err = s.rp.ValidateLogin(user, session, parsed)
	} else {
		_, used, err = s.rp.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return user, nil }, session, parsed)
	}
	if err != nil {
		return person, Key{}, refused(err)
	}
	if used.Authenticator.CloneWarning {
		return person, Key{ID: used.ID}, ErrCloned
	}
	key, err := newKey(used)
	return person, key, err
}

// refused hides the library's error, whose text may quote the answer.
func refused(err error) error {
	var detail *protocol.Error
	if errors.As(err, &detail) {
		return fmt.Errorf("%w: %s", ErrRefused, detail.Type)
	}
	return ErrRefused
}

func begun(options any, session *webauthn.SessionData) (out Begin, err error) {
	if out.Options, err = json.Marshal(options); err != nil {
		return out, fmt.Errorf("encode a passkey's options: %w", err)
	}
	if out.Pending, err = json.Marshal(session); err != nil {
		return out, fmt.Errorf("keep a passkey's challenge: %w", err)
	}
	return out, nil
}

func resume(pending []byte) (webauthn.SessionData, error) {
	var session webauthn.SessionData
	if len(pending) == 0 {
		return session, ErrRefused
	}
	if err := json.Unmarshal(pending, &session); err != nil {
		return session, fmt.Errorf("resume a passkey's ceremony: %w", err)
	}
	return session, nil
}

func newKey(c *webauthn.Credential) (Key, error) {
	record, err := json.Marshal(c)
	if err != nil {
		return Key{}, fmt.Errorf("encode a passkey: %w", err)
	}
	return Key{ID: c.ID, Record: record}, nil
}

// user is a Person as the library wants it.
type user struct {
	Person
	credentials []webauthn.Credential
}

func newUser(p Person) (*user, error) {
	u := &user{Person: p}
	for _, k := range p.Keys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Record, &c); err != nil {
			return nil, fmt.Errorf("read a passkey: %w", err)
		}
		u.credentials = append(u.credentials, c)
	}
	return u, nil
}

func (u *user) WebAuthnID() []byte                         { return u.Handle }
func (u *user) WebAuthnName() string                       { return u.Name }
func (u *user) WebAuthnDisplayName() string                { return u.Full }
func (u *user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }
