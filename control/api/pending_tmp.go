package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"consilium/control"
)

func unwrap(ctx huma.Context) (*http.Request, http.ResponseWriter) { return humago.Unwrap(ctx) }

func (s *server) viewer(context.Context) (control.Actor, error) {
	return control.Actor{}, &control.Error{Code: control.CodeUnauthenticated, Message: "sign in first"}
}

func pending[O any]() (*O, error) { return nil, &control.Error{Code: control.CodeInternal} }

func (s *server) getConfig(_ context.Context, _ control.Actor, _ *none) (*answer[PublicConfig], error) {
	return pending[answer[PublicConfig]]()
}
func (s *server) signInDemo(_ context.Context, _ control.Actor, _ *signInInput) (*signedAnswer, error) {
	return pending[signedAnswer]()
}
func (s *server) signInVisit(_ context.Context, _ control.Actor, _ *signInInput) (*signedAnswer, error) {
	return pending[signedAnswer]()
}
func (s *server) signInGuest(_ context.Context, _ control.Actor, _ *signInInput) (*signedAnswer, error) {
	return pending[signedAnswer]()
}
func (s *server) signOut(_ context.Context, _ control.Actor, _ *none) (*signedOut, error) {
	return pending[signedOut]()
}
func (s *server) getMe(_ context.Context, _ control.Actor, _ *none) (*answer[Me], error) {
	return pending[answer[Me]]()
}
func (s *server) updateMe(_ context.Context, _ control.Actor, _ *updateMeInput) (*answer[Me], error) {
	return pending[answer[Me]]()
}
func (s *server) openLive(_ context.Context, _ control.Actor, _ *none) (*answer[LiveTicket], error) {
	return pending[answer[LiveTicket]]()
}
func (s *server) listServices(_ context.Context, _ control.Actor, _ *none) (*answer[ServiceList], error) {
	return pending[answer[ServiceList]]()
}
func (s *server) listPractitioners(_ context.Context, _ control.Actor, _ *none) (*answer[PractitionerList], error) {
	return pending[answer[PractitionerList]]()
}
func (s *server) listPatients(_ context.Context, _ control.Actor, _ *none) (*answer[PatientList], error) {
	return pending[answer[PatientList]]()
}
func (s *server) listAppointments(_ context.Context, _ control.Actor, _ *listAppointmentsInput) (*answer[AppointmentList], error) {
	return pending[answer[AppointmentList]]()
}
func (s *server) getAppointment(_ context.Context, _ control.Actor, _ *ByID) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) bookAppointment(_ context.Context, _ control.Actor, _ *bookInput) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) checkIn(_ context.Context, _ control.Actor, _ *ByID) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) leave(_ context.Context, _ control.Actor, _ *ByID) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) cancel(_ context.Context, _ control.Actor, _ *reasonInput) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) decline(_ context.Context, _ control.Actor, _ *reasonInput) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) noShow(_ context.Context, _ control.Actor, _ *ByID) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) getEncounter(_ context.Context, _ control.Actor, _ *ByID) (*answer[Encounter], error) {
	return pending[answer[Encounter]]()
}
func (s *server) joinEncounter(_ context.Context, _ control.Actor, _ *ByID) (*answer[JoinTicket], error) {
	return pending[answer[JoinTicket]]()
}
func (s *server) admit(_ context.Context, _ control.Actor, _ *admitInput) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) inviteGuest(_ context.Context, _ control.Actor, _ *guestInput) (*answer[GuestLink], error) {
	return pending[answer[GuestLink]]()
}
func (s *server) finish(_ context.Context, _ control.Actor, _ *ByID) (*versioned[Appointment], error) {
	return pending[versioned[Appointment]]()
}
func (s *server) listMessages(_ context.Context, _ control.Actor, _ *listMessagesInput) (*answer[MessageList], error) {
	return pending[answer[MessageList]]()
}
func (s *server) uploadFile(_ context.Context, _ control.Actor, _ *uploadInput) (*answer[Upload], error) {
	return pending[answer[Upload]]()
}
func (s *server) getComposition(_ context.Context, _ control.Actor, _ *ByID) (*versioned[Composition], error) {
	return pending[versioned[Composition]]()
}
func (s *server) saveComposition(_ context.Context, _ control.Actor, _ *saveCompositionInput) (*versioned[Composition], error) {
	return pending[versioned[Composition]]()
}
func (s *server) signComposition(_ context.Context, _ control.Actor, _ *signCompositionInput) (*versioned[Composition], error) {
	return pending[versioned[Composition]]()
}
func (s *server) getCard(_ context.Context, _ control.Actor, _ *ByID) (*answer[Card], error) {
	return pending[answer[Card]]()
}
func (s *server) getDocumentContent(_ context.Context, _ control.Actor, _ *contentInput) (*content, error) {
	return pending[content]()
}
