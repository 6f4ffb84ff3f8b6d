package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"consilium/control"
)

func newAuditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "The clinics' audit trails",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newAuditVerifyCommand())
	return cmd
}

type auditRequest struct {
	Clinic string `json:"clinic,omitempty"` // "" is every clinic
}

// auditState is what was found in one clinic's trail.
type auditState struct {
	Clinic  string `json:"clinic"`
	Entries uint64 `json:"entries"`
	Damage  string `json:"damage,omitempty"`
}

type auditStates struct {
	Trails []auditState `json:"trails"`
}

func (s auditStates) err() error {
	var errs []error
	for _, t := range s.Trails {
		if t.Damage != "" {
			errs = append(errs, fmt.Errorf("clinic %s: %s", t.Clinic, t.Damage))
		}
	}
	return errors.Join(errs...)
}

// named returns the clinic of that name, or all of them for none.
func (o *operator) named(ctx context.Context, clinic string) ([]control.Clinic, error) {
	who := control.Operator("")
	if clinic == "" {
		return o.control.Clinics.All(ctx, who)
	}
	v, err := o.control.Clinics.Resolve(ctx, who, clinic)
	return []control.Clinic{v}, err
}

func (o *operator) verifyAudit(ctx context.Context, in auditRequest) (auditStates, error) {
	var out auditStates
	clinics, err := o.named(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	for _, v := range clinics {
		n, err := o.control.Audit.Verify(ctx, v.ID)
		state := auditState{Clinic: string(v.ID), Entries: n}
		if err != nil {
			state.Damage = err.Error()
		}
		out.Trails = append(out.Trails, state)
	}
	return out, nil
}

func newAuditVerifyCommand() *cobra.Command {
	var flags configFlags
	var req auditRequest
	asJSON := false
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Read the audit trails and name the first entry that is wrong",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			found, err := onControl(cmd.Context(), cfg, "/audit/verify", req, (*operator).verifyAudit)
			if err != nil {
				return err
			}
			if asJSON {
				return errors.Join(json.NewEncoder(cmd.OutOrStdout()).Encode(found), found.err())
			}
			for _, t := range found.Trails {
				fmt.Fprintf(cmd.OutOrStdout(), "clinic %s: %d entries\n", t.Clinic, t.Entries)
			}
			return found.err()
		},
	}
	flags.addFlags(cmd.Flags(), "data", "keys")
	cmd.Flags().StringVar(&req.Clinic, "clinic", "", "only this clinic")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
