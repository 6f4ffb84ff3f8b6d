package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"consilium/configs"
	"consilium/control"
	"consilium/internal/grant"
)

// operator is what the operator's commands about clinics and people work on: in the
// running server its rules, else rules made over the data folder for one command.
type operator struct {
	control   *control.Control
	publicURL string // where people reach the server, without a slash at the end
}

// serveOperator takes the operator's commands about clinics and people.
func (a *admin) serveOperator(o *operator) {
	a.mux.HandleFunc("POST /clinic/list", adminCall(a.log, asUsage(o.listClinics)))
	a.mux.HandleFunc("POST /clinic/add", adminCall(a.log, asUsage(o.addClinic)))
	a.mux.HandleFunc("POST /clinic/suspend", adminCall(a.log, asUsage(o.suspendClinic)))
	a.mux.HandleFunc("POST /clinic/resume", adminCall(a.log, asUsage(o.resumeClinic)))
	a.mux.HandleFunc("POST /clinic/jurisdiction", adminCall(a.log, asUsage(o.setLaw)))
	a.mux.HandleFunc("POST /staff/add", adminCall(a.log, asUsage(o.addStaff)))
	a.mux.HandleFunc("POST /user/reset-2fa", adminCall(a.log, asUsage(o.resetFactors)))
	a.mux.HandleFunc("POST /patient/erase", adminCall(a.log, asUsage(o.erasePatient)))
	a.mux.HandleFunc("POST /patient/kept", adminCall(a.log, asUsage(o.patientKept)))
	a.mux.HandleFunc("POST /token/create", adminCall(a.log, asUsage(o.createToken)))
	a.mux.HandleFunc("POST /token/list", adminCall(a.log, asUsage(o.listTokens)))
	a.mux.HandleFunc("POST /token/revoke", adminCall(a.log, asUsage(o.revokeToken)))
	a.mux.HandleFunc("POST /appointments/list", adminCall(a.log, asUsage(o.listVisits)))
	a.mux.HandleFunc("POST /appointments/show", adminCall(a.log, asUsage(o.showVisit)))
	a.mux.HandleFunc("POST /appointments/cancel", adminCall(a.log, asUsage(o.cancelVisit)))
	a.mux.HandleFunc("POST /schedule/show", adminCall(a.log, asUsage(o.showHours)))
	a.mux.HandleFunc("POST /emergencies/list", adminCall(a.log, asUsage(o.listCalls)))
	a.mux.HandleFunc("POST /emergencies/duty", adminCall(a.log, asUsage(o.listDuties)))
	a.mux.HandleFunc("POST /init", adminCall(a.log, asUsage(o.found)))
	a.mux.HandleFunc("POST /audit/head", adminCall(a.log, asUsage(o.auditHeads)))
	a.mux.HandleFunc("POST /audit/export", adminCall(a.log, asUsage(o.exportAudit)))
	a.mux.HandleFunc("POST /audit/verify", adminCall(a.log, asUsage(o.verifyAudit)))
}

// onControl runs a command in the server that holds the data folder or, when none runs,
// on rules made over the folder itself. What such a command promised (mail, say) is
// done by the next server.
func onControl[In, Out any](ctx context.Context, cfg configs.Config, path string, in In, do func(*operator, context.Context, In) (Out, error)) (Out, error) {
	return onStorage(ctx, cfg, path, in, func(s *storage, ctx context.Context, in In) (out Out, err error) {
		o, err := newOperator(cfg, s)
		if err != nil {
			return out, err
		}
		return asUsage(func(ctx context.Context, in In) (Out, error) { return do(o, ctx, in) })(ctx, in)
	})
}

// newOperator makes rules over a data folder that no server holds.
func newOperator(cfg configs.Config, s *storage) (*operator, error) {
	public, err := plannedURL(cfg)
	if err != nil {
		return nil, err
	}
	grants, err := grant.NewKeeper(time.Now)
	if err != nil {
		return nil, fmt.Errorf("make the key of join grants: %w", err)
	}
	settings := control.DefaultConfig()
	settings.PublicURL = public
	rules, err := control.New(settings, control.Deps{DB: s.db, Blobs: s.blobs, Grants: grants, Shredder: shredder{s}}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &operator{rules, public}, nil
}

// plannedURL is the address that the server will have, as far as the configuration tells.
func plannedURL(cfg configs.Config) (string, error) {
	addr, err := net.ResolveTCPAddr("tcp", cfg.HTTP.Listen)
	if err != nil {
		return "", fmt.Errorf("%w: http.listen: %w", configs.ErrInvalid, err)
	}
	if addr.IP == nil {
		addr.IP = net.IPv4zero
	}
	public, err := publicURL(cfg, addr)
	if err != nil {
		return "", err
	}
	return public.String(), nil
}

// asUsage marks what the rules refused as wrong input, for the exit code.
func asUsage[In, Out any](do func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		out, err := do(ctx, in)
		if refused := (*control.Error)(nil); errors.As(err, &refused) {
			err = errors.New(refused.Message)
			if control.IsUsage(refused) {
				err = fmt.Errorf("%w: %s", errUsage, refused.Message)
			}
		}
		return out, err
	}
}
