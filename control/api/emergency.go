package api

import (
	"context"
	"math"
	"time"

	"consilium/control"
)

func (s *server) emergencyRoutes() {
	const tag = "emergency"
	add(s, signedIn, op("getHelpForm", get, "/emergencies/form", tag, "What a patient is asked before asking for help now"), s.getHelpForm)
	ask := op("askHelp", post, "/emergencies", tag, "Ask for help now; whoever waits already keeps their place")
	ask.DefaultStatus = 201
	add(s, signedIn, ask, s.askHelp)
	add(s, signedIn, op("listEmergencies", get, "/emergencies", tag, "Who waits, by who is helped first"), s.listEmergencies)
	add(s, signedIn, op("getEmergency", get, "/emergencies/{id}", tag, "One place in the queue: position, waiting time, state"), s.call(s.ctl.Emergencies.Get))
	add(s, signedIn, op("withdrawEmergency", post, "/emergencies/{id}/withdraw", tag, "The patient needs no help any more"), s.call(s.ctl.Emergencies.Withdraw))
	add(s, signedIn, op("declineEmergency", post, "/emergencies/{id}/decline", tag, "Send the patient elsewhere, with a reason"), s.declineEmergency)
	add(s, signedIn, op("assignEmergency", post, "/emergencies/{id}/assign", tag, "Put the call to a doctor of the desk's choice"), s.assignEmergency)
	add(s, signedIn, op("getEmergencySettings", get, "/emergency-settings", tag, "How the clinic gives help at once"), s.getEmergencySettings)
	add(s, signedIn, op("setEmergencySettings", put, "/emergency-settings", tag, "Change it"), s.setEmergencySettings)
	add(s, signedIn, op("listOffers", get, "/offers", tag, "Calls offered to the viewer now"), s.listOffers)
	add(s, signedIn, op("acceptOffer", post, "/offers/{id}/accept", tag, "Take the call: the first doctor who does gets it, the room opens for both; others get 409 `taken`"), s.acceptOffer)
	add(s, signedIn, op("declineOffer", post, "/offers/{id}/decline", tag, "Let it go on to others"), s.declineOffer)
	s.dutyRoutes()
}

func (s *server) getHelpForm(ctx context.Context, who control.Actor, _ *none) (*answer[HelpForm], error) {
	v, err := s.ctl.Emergencies.Form(ctx, who)
	if err != nil {
		return nil, err
	}
	out := HelpForm{EmergencyNumber: v.Number, Questions: []HelpQuestion{}, Services: []Service{}, OnDuty: v.OnDuty, OpenID: string(v.Open)}
	for _, q := range v.Questions {
		out.Questions = append(out.Questions, HelpQuestion{Key: q.Key, Text: control.Text(q.Text).In(who.Locale, "en"), CallNow: q.CallNow()})
	}
	for i := range v.Services {
		out.Services = append(out.Services, serviceOf(who, &v.Clinic, &v.Services[i]))
	}
	return &answer[HelpForm]{out}, nil
}

type askHelpInput struct{ Body HelpRequest }

func (s *server) askHelp(ctx context.Context, who control.Actor, in *askHelpInput) (*answer[Emergency], error) {
	b := in.Body
	v, err := s.ctl.Emergencies.Ask(ctx, who, control.HelpRequest{
		Service: control.ServiceID(b.ServiceID), Modality: control.Modality(b.Modality), Yes: b.RedFlags, Complaint: b.Complaint,
	})
	return s.emergencyAnswer(who, &v, err)
}

func (s *server) listEmergencies(ctx context.Context, who control.Actor, _ *none) (*answer[EmergencyList], error) {
	all, err := s.ctl.Emergencies.List(ctx, who)
	if err != nil {
		return nil, err
	}
	out := EmergencyList{Items: []Emergency{}}
	for i := range all {
		out.Items = append(out.Items, s.emergencyOf(who, &all[i]))
	}
	return &answer[EmergencyList]{out}, nil
}

// calling is any of control's answers about one place in the queue.
type calling func(ctx context.Context, who control.Actor, id control.AppointmentID) (control.EmergencyView, error)

func (s *server) call(do calling) handler[ByID, answer[Emergency]] {
	return func(ctx context.Context, who control.Actor, in *ByID) (*answer[Emergency], error) {
		v, err := do(ctx, who, control.AppointmentID(in.ID))
		return s.emergencyAnswer(who, &v, err)
	}
}

func (s *server) declineEmergency(ctx context.Context, who control.Actor, in *reasonInput) (*answer[Emergency], error) {
	v, err := s.ctl.Emergencies.Decline(ctx, who, control.AppointmentID(in.ID), in.Body.Reason)
	return s.emergencyAnswer(who, &v, err)
}

type assignInput struct {
	ByID
	Body Assignment
}

func (s *server) assignEmergency(ctx context.Context, who control.Actor, in *assignInput) (*answer[Emergency], error) {
	v, err := s.ctl.Emergencies.Assign(ctx, who, control.AppointmentID(in.ID), control.PractitionerID(in.Body.PractitionerID))
	return s.emergencyAnswer(who, &v, err)
}

func (s *server) emergencyAnswer(who control.Actor, v *control.EmergencyView, err error) (*answer[Emergency], error) {
	if err != nil {
		return nil, err
	}
	return &answer[Emergency]{s.emergencyOf(who, v)}, nil
}

func (s *server) emergencyOf(who control.Actor, v *control.EmergencyView) Emergency {
	out := Emergency{
		ID: string(v.ID), Appointment: appointmentOf(who, &v.Appointment), EmergencyNumber: v.Number,
		Band: int(v.Rank), AskedAt: v.Asked.UTC(), Position: v.Position, OnDuty: v.OnDuty, EscalatedAt: sometime(v.Escalated),
	}
	if v.Outlook.Known {
		out.Wait = &HelpWait{Seconds: seconds(v.Outlook.Wait)}
	}
	if who.Role == control.RolePatient {
		return out
	}
	for _, o := range v.Offers {
		out.Offers = append(out.Offers, DeskOffer{
			Practitioner: Ref{ID: string(o.Practitioner), Name: v.Doctors[o.Practitioner]},
			State:        string(o.State), Until: o.Until.UTC(), Chosen: o.Chosen,
		})
	}
	return out
}

// seconds rounds up: nobody is told less than there is to wait.
func seconds(d time.Duration) int { return int(math.Ceil(max(d, 0).Seconds())) }

// sometime is nil for the zero time.
func sometime(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func (s *server) listOffers(ctx context.Context, who control.Actor, _ *none) (*answer[OfferList], error) {
	all, err := s.ctl.Emergencies.Offers(ctx, who)
	if err != nil {
		return nil, err
	}
	out := OfferList{Items: []Offer{}}
	for i := range all {
		o := &all[i]
		out.Items = append(out.Items, Offer{
			ID: o.ID, Band: int(o.Band), AskedAt: o.Asked.UTC(), Until: o.Until.UTC(), Seconds: seconds(o.Left),
			Service: o.Service.Name.In(who.Locale, ""), Modality: string(o.Modality), Language: o.Language, Chosen: o.Chosen,
		})
	}
	return &answer[OfferList]{out}, nil
}

func (s *server) acceptOffer(ctx context.Context, who control.Actor, in *ByID) (*versioned[Appointment], error) {
	v, err := s.ctl.Emergencies.Accept(ctx, who, in.ID)
	return appointmentAnswer(who, &v), err
}

func (s *server) declineOffer(ctx context.Context, who control.Actor, in *ByID) (*none, error) {
	return nil, s.ctl.Emergencies.Turn(ctx, who, in.ID)
}

func (s *server) getEmergencySettings(ctx context.Context, who control.Actor, _ *none) (*versioned[EmergencySettings], error) {
	v, err := s.ctl.Emergencies.Policy(ctx, who)
	return settingsAnswer(&v), err
}

type emergencySettingsInput struct {
	IfMatch string `header:"If-Match" doc:"The version that was edited, quoted; \"0\" for settings that nobody changed yet"`
	Body    EmergencySettings
}

func (s *server) setEmergencySettings(ctx context.Context, who control.Actor, in *emergencySettingsInput) (*versioned[EmergencySettings], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	b := in.Body
	p := control.HelpSettings{HelpPolicy: control.HelpPolicy{
		DutyEmail: b.DutyEmail, DutyPhone: b.DutyPhone, PayLater: b.PayLater,
	}}
	for _, id := range b.ServiceIDs {
		p.Services = append(p.Services, control.ServiceID(id))
	}
	v, err := s.ctl.Emergencies.SetPolicy(ctx, who, p, version)
	return settingsAnswer(&v), err
}

func settingsAnswer(v *control.HelpSettings) *versioned[EmergencySettings] {
	out := EmergencySettings{
		DutyEmail: v.DutyEmail, DutyPhone: v.DutyPhone, PayLater: v.PayLater, ServiceIDs: []string{}, Version: v.Rev,
	}
	for _, id := range v.Services {
		out.ServiceIDs = append(out.ServiceIDs, string(id))
	}
	return &versioned[EmergencySettings]{ETag: etag(v.Rev), Body: out}
}
