package control

import (
	"context"
	"errors"

	"consilium/store"
)

// Operator is whoever runs the server's commands: they own the machine and the
// data, and what they do is in the audit trail under the role "operator". Nobody
// signs in as one. The clinic is "" for what concerns the server as a whole.
func Operator(clinic ClinicID) Actor {
	return Actor{Clinic: clinic, Role: RoleOperator}
}

// operatorMay lists all that the server's operator does to clinics; it is their
// column of the table in authz.go. Cards, consultations and what was said in them
// are not in it. Of visits the commands print when and with whom of the staff, and
// neither the patient's name nor their words.
func operatorMay() []Operation {
	return []Operation{
		OpListClinics, OpCreateClinic, OpSetJurisdiction, OpSuspendClinic, OpListStaff, OpSetStaff, OpVerifyAudit, OpExportAudit,
		OpResetFactors, OpManageTokens, OpReadSchedule, OpListEmergencies,
		OpListAppointments, OpReadAppointment, OpCancel, OpDecline, OpRelease, OpErasePatient,
	}
}

// Resolve finds the clinic that an operator named by its short name or id; "" is the
// only one.
func (s *Clinics) Resolve(ctx context.Context, who Actor, ref string) (Clinic, error) {
	all, err := s.All(ctx, who)
	switch {
	case err != nil:
		return Clinic{}, err
	case ref == "" && len(all) == 1:
		return all[0], nil
	case ref == "":
		return Clinic{}, invalid("/clinic", "there are %d clinics: say which one", len(all))
	}
	for _, v := range all {
		if string(v.ID) == ref || v.Slug == ref {
			return v, nil
		}
	}
	return Clinic{}, notFound("clinic")
}

// All returns the clinics of this server.
func (s *Clinics) All(ctx context.Context, who Actor) ([]Clinic, error) {
	if err := s.authorize(who, OpListClinics); err != nil {
		return nil, err
	}
	var out []Clinic
	err := s.db.View(ctx, func(tx store.Tx) error {
		out = nil
		for v, err := range s.t.clinics.List(tx, store.Global) {
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, storeError(err)
}

// IsUsage reports whether err says that the caller asked for something wrong, so
// that nothing was done.
func IsUsage(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == CodeInvalid || e.Code == CodeNotFound)
}
