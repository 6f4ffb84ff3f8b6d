package api

import (
	"encoding/json"
	"time"
)

// SignInStart begins a sign-in.
type SignInStart struct {
	Login    string `json:"login" minLength:"1" maxLength:"254" doc:"Email address or telephone number"`
	ClinicID string `json:"clinicId,omitempty" maxLength:"64" doc:"Needed when the server has several clinics"`
	As       string `json:"as,omitempty" enum:"cookie,token" doc:"What the sign-in ends with; a token is for applications outside a browser"`
	Device   string `json:"device,omitempty" maxLength:"100" doc:"Secret of a former sign-in, for applications outside a browser"`
}

// SignInProof names a sign-in under way. In a browser its second half is a cookie.
type SignInProof struct {
	Attempt string `json:"attempt" minLength:"1" maxLength:"200"`
	Browser string `json:"browser,omitempty" maxLength:"100" doc:"The second half, for applications outside a browser"`
	Device  string `json:"device,omitempty" maxLength:"100" doc:"Secret of a former sign-in, for applications outside a browser"`
}

// SignInPassword answers with a password.
type SignInPassword struct {
	SignInProof
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}

// SignInSend asks for a code.
type SignInSend struct {
	SignInProof
	Channel string `json:"channel,omitempty" enum:"email,sms" doc:"For the second factor; the first goes to the login"`
}

// SignInCode answers with a code.
type SignInCode struct {
	SignInProof
	Code string `json:"code" minLength:"1" maxLength:"64"`
}

// SignInPerson says who it is, of the people who share a login.
type SignInPerson struct {
	SignInProof
	PersonID string `json:"personId" minLength:"1" maxLength:"64"`
}

// PasskeyStart asks for a passkey: of a sign-in under way, or of anybody.
type PasskeyStart struct {
	Attempt  string `json:"attempt,omitempty" maxLength:"200"`
	Browser  string `json:"browser,omitempty" maxLength:"100"`
	Device   string `json:"device,omitempty" maxLength:"100"`
	ClinicID string `json:"clinicId,omitempty" maxLength:"64"`
	As       string `json:"as,omitempty" enum:"cookie,token"`
}

// SignInPasskey answers with what a passkey signed.
type SignInPasskey struct {
	SignInProof
	Credential json.RawMessage `json:"credential" doc:"PublicKeyCredential.toJSON()"`
}

// SignInStep is what a sign-in asks for next. Before the first factor it is the same
// whether anybody has the login or not.
type SignInStep struct {
	Attempt   string          `json:"attempt,omitempty"`
	Browser   string          `json:"browser,omitempty" doc:"Only when a token was asked for"`
	Step      string          `json:"step" enum:"first,person,second,done"`
	ExpiresAt time.Time       `json:"expiresAt" doc:"When the sign-in has to begin again"`
	People    []SignInName    `json:"people,omitempty" doc:"At person: who shares the login"`
	Second    []SecondFactor  `json:"second,omitempty" doc:"At second: what the person has"`
	SentTo    string          `json:"sentTo,omitempty" doc:"Where the last code went, masked"`
	ResendAt  *time.Time      `json:"resendAt,omitempty" doc:"When another code can be asked for"`
	Options   json.RawMessage `json:"options,omitempty" doc:"For navigator.credentials.get, as PublicKeyCredentialRequestOptionsJSON"`
	Me        *Me             `json:"me,omitempty" doc:"At done"`
	Token     *BearerToken    `json:"token,omitempty" doc:"At done, when a token was asked for"`
}

// SignInName is one of the people who share a login.
type SignInName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// SecondFactor is one that a person has.
type SecondFactor struct {
	Factor  string `json:"factor" enum:"password,code,app,passkey,recovery"`
	Channel string `json:"channel,omitempty" enum:"email,sms"`
	To      string `json:"to,omitempty" doc:"Masked"`
}

// BearerToken signs requests of an application outside a browser.
type BearerToken struct {
	Token     string    `json:"token" doc:"For the header Authorization: Bearer"`
	ExpiresAt time.Time `json:"expiresAt"`
	Device    string    `json:"device,omitempty" doc:"Keep it and send it with the next sign-in"`
}

// ForgottenPassword asks for a link to a new password.
type ForgottenPassword struct {
	Login    string `json:"login" minLength:"1" maxLength:"254"`
	ClinicID string `json:"clinicId,omitempty" maxLength:"64"`
}

// PasswordReset sets a password by a link.
type PasswordReset struct {
	Token    string `json:"token" minLength:"1" maxLength:"200"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}

// NewPassword sets the viewer's password.
type NewPassword struct {
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}

// Security is what the viewer signs in with.
type Security struct {
	Email       string     `json:"email,omitempty" doc:"Masked"`
	Phone       string     `json:"phone,omitempty" doc:"Masked"`
	PasswordSet *time.Time `json:"passwordSetAt,omitempty" doc:"Absent without a password"`
	App         bool       `json:"app" doc:"Whether an authenticator is set up"`
	Passkeys    []Passkey  `json:"passkeys" nullable:"false"`
	CanPasskey  bool       `json:"canPasskey" doc:"Whether passkeys work at this server's address"`
	Recovery    int        `json:"recovery" doc:"Recovery codes left"`
	Required    bool       `json:"required" doc:"The clinic asks for an authenticator or a passkey"`
	Fresh       bool       `json:"fresh" doc:"Whether changes are allowed without signing in again"`
}

// Passkey is one of the viewer's.
type Passkey struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"createdAt"`
	UsedAt    *time.Time `json:"usedAt,omitempty"`
}

// NewAuthenticator is a secret for an authenticator app; it counts after a first code.
type NewAuthenticator struct {
	Secret string `json:"secret" doc:"To type by hand"`
	URI    string `json:"uri" doc:"otpauth:// for an app on the same device"`
	QRSize int    `json:"qrSize" doc:"Modules of one side"`
	QRPath string `json:"qrPath" doc:"SVG path of the dark modules"`
}

// AppCode is an authenticator's code.
type AppCode struct {
	Code string `json:"code" minLength:"1" maxLength:"16"`
}

// PasskeyOptions are for navigator.credentials.create.
type PasskeyOptions struct {
	Options json.RawMessage `json:"options" doc:"PublicKeyCredentialCreationOptionsJSON"`
}

// NewPasskey is a passkey that a device has made.
type NewPasskey struct {
	Name       string          `json:"name" minLength:"1" maxLength:"60"`
	Credential json.RawMessage `json:"credential" doc:"PublicKeyCredential.toJSON()"`
}

// PasskeyName renames a passkey.
type PasskeyName struct {
	Name string `json:"name" minLength:"1" maxLength:"60"`
}

// RecoveryCodes are shown once.
type RecoveryCodes struct {
	Codes []string `json:"codes" nullable:"false"`
}

// RenewedSession is the viewer's session under a new secret.
type RenewedSession struct {
	Me    Me           `json:"me"`
	Token *BearerToken `json:"token,omitempty" doc:"When the request came with a token"`
}

// SessionList is where the viewer is signed in, the last used first.
type SessionList struct {
	Items []SessionInfo `json:"items" nullable:"false"`
}

// SessionInfo is one signed-in device of the viewer.
type SessionInfo struct {
	ID        string    `json:"id"`
	Device    string    `json:"device" doc:"Like: Firefox, Windows. Empty when unknown"`
	By        string    `json:"by" enum:"sign_in,link" doc:"How it began"`
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt"`
	Current   bool      `json:"current"`
}

// APIToken is a token of a clinic's own system.
type APIToken struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes" nullable:"false"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt time.Time  `json:"expiresAt"`
	UsedAt    *time.Time `json:"usedAt,omitempty"`
}

// APITokenList is all tokens of the clinic, and what a new one could be allowed.
type APITokenList struct {
	Items  []APIToken `json:"items" nullable:"false"`
	Scopes []string   `json:"scopes" nullable:"false"`
}

// NewAPIToken asks for a token.
type NewAPIToken struct {
	Name      string    `json:"name" minLength:"1" maxLength:"80"`
	Scopes    []string  `json:"scopes" nullable:"false" maxItems:"50"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// CreatedAPIToken holds the secret, which is shown once.
type CreatedAPIToken struct {
	APIToken
	Token string `json:"token" doc:"For the header Authorization: Bearer"`
}
