package api

import (
	"context"

	"consilium/control"
)

func (s *server) clinicRoutes() {
	const tag = "clinic"
	add(s, signedIn, op("listServices", get, "/services", tag, "The clinic's services"), s.listServices)
	add(s, signedIn, op("listPractitioners", get, "/practitioners", tag, "The clinic's doctors"), s.listPractitioners)
	add(s, signedIn, op("listPatients", get, "/patients", tag, "Names of the clinic's patients"), s.listPatients)
}

func (s *server) listServices(ctx context.Context, who control.Actor, _ *none) (*answer[ServiceList], error) {
	services, err := s.ctl.Clinics.Services(ctx, who)
	if err != nil {
		return nil, err
	}
	clinic, err := s.ctl.Clinics.Get(ctx, who)
	if err != nil {
		return nil, err
	}
	out := ServiceList{Items: []Service{}}
	for i := range services {
		out.Items = append(out.Items, serviceOf(who, &clinic, &services[i]))
	}
	return &answer[ServiceList]{out}, nil
}

func serviceOf(who control.Actor, clinic *control.Clinic, v *control.Service) Service {
	rule := clinic.Jurisdiction.Rule(v.LawKind())
	out := Service{
		ID: string(v.ID), Name: v.Name.In(who.Locale, ""), DurationMin: int(v.Duration.Minutes()),
		Price: Money(v.Price), Modalities: []string{}, Urgent: v.Urgent, Booking: v.Booking(clinic),
		Kind: string(v.LawKind()), Allow: string(rule.Allow), Reason: rule.Reason.In(who.Locale, clinic.Language()),
	}
	for _, m := range v.Modalities {
		out.Modalities = append(out.Modalities, string(m))
	}
	return out
}

func (s *server) listPractitioners(ctx context.Context, who control.Actor, _ *none) (*answer[PractitionerList], error) {
	doctors, err := s.ctl.Clinics.Practitioners(ctx, who)
	if err != nil {
		return nil, err
	}
	out := PractitionerList{Items: []Practitioner{}}
	for _, v := range doctors {
		item := Practitioner{
			ID: string(v.ID), Name: v.Name, Specialty: v.Specialty.In(who.Locale, ""),
			Languages: append([]string{}, v.Languages...), ServiceIDs: []string{},
		}
		for _, id := range v.Services {
			item.ServiceIDs = append(item.ServiceIDs, string(id))
		}
		if who.Role.Staff() {
			item.Licence = &Licence{No: v.LicenceNo, Expires: v.LicenceExpires.UTC()}
		}
		out.Items = append(out.Items, item)
	}
	return &answer[PractitionerList]{out}, nil
}

func (s *server) listPatients(ctx context.Context, who control.Actor, _ *none) (*answer[PatientList], error) {
	names, err := s.ctl.Patients.List(ctx, who)
	if err != nil {
		return nil, err
	}
	out := PatientList{Items: []PatientItem{}}
	for _, v := range names {
		item := PatientItem{ID: string(v.ID), Name: v.Name}
		if v.Attending != "" {
			item.Attending = &Ref{ID: string(v.Attending), Name: v.Doctor}
		}
		out.Items = append(out.Items, item)
	}
	return &answer[PatientList]{out}, nil
}
