package control

import (
	"errors"
	"fmt"
	"time"
)

// Code is the stable, machine-readable name of what went wrong. The HTTP face
// maps it to a status once; clients branch on it, never on the message.
type Code string

// The codes, by what the caller can do about them.
const (
	CodeUnauthenticated Code = "unauthenticated" // sign in first
	CodeLinkInvalid     Code = "link_invalid"    // the sign-in link is unknown, expired or revoked
	CodeDenied          Code = "denied"          // the role may never do this
	CodeAccessClosed    Code = "access_closed"   // no open consultation gives access to this card
	CodeNotFound        Code = "not_found"       // unknown, or of another clinic

	CodeFactorWrong       Code = "factor_wrong"       // password or code is not right; try again
	CodeCodeOver          Code = "code_over"          // the code was tried too often; ask for another
	CodeAttemptOver       Code = "attempt_over"       // the sign-in took too long or failed too often; begin again
	CodePasskeyRefused    Code = "passkey_refused"    // the passkey's answer does not fit
	CodePasswordWeak      Code = "password_weak"      // easy to guess; Field says where
	CodePasswordShared    Code = "password_shared"    // somebody with the same address has a password
	CodeConfirmRequired   Code = "confirm_required"   // sign in again first
	CodeEnrolmentRequired Code = "enrolment_required" // set up how to sign in first

	CodeInvalid           Code = "invalid"            // a field is wrong; Field says which
	CodeTransitionRefused Code = "transition_refused" // the state table has no such edge now
	CodeSlotTaken         Code = "slot_taken"         // doctor or patient is busy then
	CodeSlotUnavailable   Code = "slot_unavailable"   // outside the hours, too soon, too far ahead, or the day is full
	CodeOfferOver         Code = "offer_over"         // the call is not offered any more
	CodeUnbookable        Code = "unbookable"         // doctor or service can't be booked
	CodePaymentRequired   Code = "payment_required"   // a price needs payment or a waiver with a reason
	CodeVersionRequired   Code = "version_required"   // If-Match is missing
	CodeVersionStale      Code = "version_stale"      // somebody else changed it
	CodeIncomplete        Code = "incomplete"         // mandatory sections are empty; Field lists them
	CodeIdempotencyReused Code = "idempotency_reused" // the key came before with another body
	CodeTooLarge          Code = "too_large"          // the file is over the limit
	CodeTypeRefused       Code = "type_refused"       // the file's content is of no allowed type
	CodeSuspended         Code = "clinic_suspended"   // the clinic is closed for now
	CodeServiceForbidden  Code = "service_forbidden"  // the clinic's jurisdiction does not allow this kind of service
	CodeInPersonRequired  Code = "in_person_required" // the service needs a visit in person before it
	CodeTaken             Code = "taken"              // another one has this name, address (Field says which) or call for help
	CodeLastAdmin         Code = "last_admin"         // a clinic keeps at least one administrator
	CodeMalware           Code = "malware"            // the scanner found something in the file
	CodeUnscanned         Code = "unscanned"          // the scanner gives no answer: try again later
	CodeUnavailable       Code = "unavailable"        // nothing can be stored now, reading goes on: try again later
	CodeTooMany           Code = "too_many"           // a limit of the clinic or the room is reached
	CodeSlowDown          Code = "slow_down"          // too many tries; RetryAfter says when again
	CodeRetained          Code = "retained"           // the law keeps the records for now
	CodeConsentNeeded     Code = "consent_needed"     // the clinic's documents are to be agreed to first, in their present wording
	CodeWrongCode         Code = "code_wrong"         // another try makes sense
	CodeSpentCode         Code = "code_spent"         // used, too old or tried too often: ask for a new one
	CodeInternal          Code = "internal"           // our fault; details are in the log only
)

// Error is what a caller of this package sees: a code to branch on and a
// message for people, free of personal data. Everything else is internal.
type Error struct {
	Code    Code
	Message string
	Field   string // JSON pointer of the offending field ("/start"), if one is to blame
	Fields  []string
	// RetryAfter, if positive, is how long to wait before another try.
	RetryAfter time.Duration
	Err        error // cause, for the log only
}

// Error returns code and message, and the cause if there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return string(e.Code) + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the code of err: CodeInternal for anything that is no Error,
// and the empty code for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

func fail(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Message: fmt.Sprintf(format, args...), Field: field}
}

func notFound(what string) *Error { return fail(CodeNotFound, "no such %s", what) }
