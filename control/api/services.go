package api

import (
	"context"
	"time"

	"consilium/control"
)

func (s *server) servicesRoutes() {
	const tag = "clinic"
	add(s, signedIn, op("listServiceSettings", get, "/clinic/services", tag, "Every service, also those that can't be booked"), s.listServiceSettings)
	create := op("addService", post, "/clinic/services", tag, "Add a service")
	create.DefaultStatus = 201
	add(s, signedIn, create, s.addService)
	add(s, signedIn, op("setService", put, "/clinic/services/{id}", tag, "Change a service; visits already booked keep their price and length"), s.setService)
}

type addServiceInput struct{ Body ServiceUpdate }

type setServiceInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the service that was edited; required"`
	Body    ServiceUpdate
}

func (s *server) listServiceSettings(ctx context.Context, who control.Actor, _ *none) (*answer[ServiceSettingsList], error) {
	found, err := s.ctl.Clinics.AllServices(ctx, who)
	if err != nil {
		return nil, err
	}
	clinic, err := s.ctl.Clinics.Get(ctx, who)
	out := ServiceSettingsList{Items: []ServiceSettings{}, DefaultCancel: cancelOf(control.DefaultCancelPolicy())}
	for i := range found {
		out.Items = append(out.Items, serviceSettingsOf(&clinic, &found[i]))
	}
	return &answer[ServiceSettingsList]{out}, err
}

func (s *server) addService(ctx context.Context, who control.Actor, in *addServiceInput) (*versioned[ServiceSettings], error) {
	v, err := s.ctl.Clinics.AddService(ctx, who, in.Body.parse())
	return s.serviceAnswer(ctx, who, &v, err)
}

func (s *server) setService(ctx context.Context, who control.Actor, in *setServiceInput) (*versioned[ServiceSettings], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Clinics.SetService(ctx, who, control.ServiceID(in.ID), in.Body.parse(), version)
	return s.serviceAnswer(ctx, who, &v, err)
}

func (s *server) serviceAnswer(ctx context.Context, who control.Actor, v *control.Service, err error) (*versioned[ServiceSettings], error) {
	if err != nil {
		return nil, err
	}
	clinic, err := s.ctl.Clinics.Get(ctx, who)
	return &versioned[ServiceSettings]{ETag: etag(v.Rev), Body: serviceSettingsOf(&clinic, v)}, err
}

func (u *ServiceUpdate) parse() control.ServiceInput {
	out := control.ServiceInput{
		Name: control.Text(u.Name), Duration: minutes(u.DurationMin), Price: u.PriceMinor, Kind: control.ServiceKind(u.Kind), Active: u.Active,
		PayLater: u.PayLater,
	}
	for _, m := range u.Modalities {
		out.Modalities = append(out.Modalities, control.Modality(m))
	}
	for _, step := range u.CancelPolicy {
		out.Cancel = append(out.Cancel, control.CancelStep{Before: minutes(step.BeforeMin), Refund: step.RefundPercent})
	}
	return out
}

func serviceSettingsOf(clinic *control.Clinic, v *control.Service) ServiceSettings {
	out := ServiceSettings{
		ID: string(v.ID), Currency: v.Price.Currency, Allow: string(clinic.Jurisdiction.Rule(v.LawKind()).Allow), Version: v.Rev,
		ServiceUpdate: ServiceUpdate{
			Name: textsOf(v.Name), DurationMin: int(v.Duration / time.Minute), PriceMinor: v.Price.Minor, Modalities: []string{},
			Kind: string(v.LawKind()), CancelPolicy: cancelOf(v.Cancel), Active: v.Active, PayLater: v.PayLater,
		},
	}
	for _, m := range v.Modalities {
		out.Modalities = append(out.Modalities, string(m))
	}
	return out
}

func cancelOf(p control.CancelPolicy) []CancelStep {
	out := []CancelStep{}
	for _, step := range p {
		out = append(out, CancelStep{BeforeMin: int(step.Before / time.Minute), RefundPercent: step.Refund})
	}
	return out
}
