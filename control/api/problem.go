package api

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"consilium/control"
)

// Problem is an RFC 9457 problem. It carries no personal data: values that a
// client sent are not echoed.
type Problem struct {
	Type    string       `json:"type" doc:"Stable URN of the kind of problem" example:"urn:consilium:problem:slot_taken"`
	Title   string       `json:"title" example:"Conflict"`
	Status  int          `json:"status" example:"409"`
	Detail  string       `json:"detail" doc:"What happened, for people"`
	Code    string       `json:"code" doc:"Stable name to branch on" example:"slot_taken"`
	Errors  []FieldError `json:"errors,omitempty" doc:"Which fields are wrong"`
	TraceID string       `json:"traceId,omitempty" doc:"Names the request in the server's log"`
	// RetryAfter is how many seconds to wait before another try.
	RetryAfter int `json:"retryAfter,omitempty" doc:"Seconds to wait before another try; as the header Retry-After"`
}

// FieldError points to one wrong part of the request.
type FieldError struct {
	Pointer string `json:"pointer" doc:"JSON pointer into the body, or query/path/header and a name" example:"/patientId"`
	Detail  string `json:"detail"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes JSON answers application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders returns what goes beside the problem.
func (p *Problem) GetHeaders() http.Header {
	if p.RetryAfter <= 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(p.RetryAfter)}}
}

var _ huma.HeadersError = (*Problem)(nil)

var _ huma.StatusError = (*Problem)(nil)

// statusOf is the one place where control's codes become HTTP statuses.
func statusOf(code control.Code) int {
	switch code {
	case control.CodeUnauthenticated, control.CodeLinkInvalid, control.CodeFactorWrong, control.CodeCodeOver, control.CodeAttemptOver, control.CodePasskeyRefused:
		return http.StatusUnauthorized
	case control.CodeDenied, control.CodeAccessClosed, control.CodeConfirmRequired, control.CodeEnrolmentRequired:
		return http.StatusForbidden
	case control.CodeNotFound:
		return http.StatusNotFound
	case control.CodeTransitionRefused, control.CodeSlotTaken, control.CodeSlotUnavailable, control.CodeUnbookable, control.CodePasswordShared,
		control.CodeOfferOver:
		return http.StatusConflict
	case control.CodeConsentNeeded, control.CodeRetained:
		return http.StatusConflict
	case control.CodeWrongCode, control.CodeSpentCode:
		return http.StatusUnprocessableEntity
	case control.CodePaymentRequired:
		return http.StatusPaymentRequired
	case control.CodeInvalid, control.CodePasswordWeak, control.CodeIncomplete, control.CodeIdempotencyReused, control.CodeMalware:
		return http.StatusUnprocessableEntity
	case control.CodeVersionRequired:
		return http.StatusPreconditionRequired
	case control.CodeVersionStale:
		return http.StatusPreconditionFailed
	case control.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case control.CodeTypeRefused:
		return http.StatusUnsupportedMediaType
	case control.CodeTooMany, control.CodeSlowDown:
		return http.StatusTooManyRequests
	case control.CodeSuspended:
		return http.StatusForbidden
	case control.CodeServiceForbidden, control.CodeInPersonRequired, control.CodeTaken, control.CodeLastAdmin:
		return http.StatusConflict
	case control.CodeUnavailable, control.CodeUnscanned:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{
		Type: "urn:consilium:problem:" + code, Title: http.StatusText(status),
		Status: status, Detail: detail, Code: code,
	}
}

// problemOf turns any error of control into a problem. The text of an internal
// error stays in the log.
func problemOf(err error) *Problem {
	var e *control.Error
	if !errors.As(err, &e) || e.Code == control.CodeInternal {
		return newProblem(http.StatusInternalServerError, string(control.CodeInternal), "The server failed; the log has the reason.")
	}
	p := newProblem(statusOf(e.Code), string(e.Code), e.Message)
	if e.RetryAfter > 0 {
		p.RetryAfter = int(math.Ceil(e.RetryAfter.Seconds()))
	}
	if e.Field != "" {
		p.Errors = append(p.Errors, FieldError{Pointer: e.Field, Detail: e.Message})
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldError{Pointer: f, Detail: "must not be empty"})
	}
	return p
}

// fromHuma turns the framework's own errors (bad JSON, failed validation, body
// too large) into a problem of ours.
func fromHuma(m *huma.ErrorModel) *Problem {
	code := "malformed"
	switch m.Status {
	case http.StatusUnprocessableEntity:
		code = string(control.CodeInvalid)
	case http.StatusRequestEntityTooLarge:
		code = string(control.CodeTooLarge)
	case http.StatusUnsupportedMediaType:
		code = "media_type"
	case http.StatusNotAcceptable:
		code = "not_acceptable"
	case http.StatusRequestTimeout:
		code = "timeout"
	case http.StatusInternalServerError:
		code = string(control.CodeInternal)
	}
	p := newProblem(m.Status, code, m.Detail)
	for _, d := range m.Errors {
		if d != nil {
			p.Errors = append(p.Errors, FieldError{Pointer: pointerOf(d.Location), Detail: d.Message})
		}
	}
	return p
}

// pointerOf turns huma's "body.items[3].tag" into "/items/3/tag"; places outside
// the body keep their kind: "query/limit".
func pointerOf(location string) string {
	path := strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(location)
	if rest, ok := strings.CutPrefix(path, "body"); ok {
		return rest
	}
	return path
}
