package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"consilium/control"
)

func newClinicCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "clinic",
		Short: "The clinics of this server",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newClinicListCommand())
	return cmd
}

// clinicLine is a clinic as the commands print it.
type clinicLine struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Zone string `json:"zone"`
}

type clinicLines struct {
	Clinics []clinicLine `json:"clinics"`
}

func (o *operator) listClinics(ctx context.Context, _ struct{}) (clinicLines, error) {
	out := clinicLines{Clinics: []clinicLine{}}
	all, err := o.control.Clinics.All(ctx, control.Operator(""))
	for _, v := range all {
		out.Clinics = append(out.Clinics, clinicLine{ID: string(v.ID), Name: v.Name.In(v.Language(), ""), Zone: v.Zone})
	}
	return out, err
}

func newClinicListCommand() *cobra.Command {
	var flags configFlags
	asJSON := false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the clinics",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			all, err := onControl(cmd.Context(), cfg, "/clinic/list", struct{}{}, (*operator).listClinics)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(all)
			}
			for _, v := range all.Clinics {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %s\n", v.ID, v.Zone, v.Name)
			}
			return nil
		},
	}
	flags.addFlags(cmd.Flags(), "data", "keys")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
