package command

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func newUserCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Help somebody who can't sign in any more",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newUserResetCommand())
	return cmd
}

// userRequest names somebody of a clinic.
type userRequest struct {
	Clinic string `json:"clinic"`
	Person string `json:"person"`
}

// resetResult is what was taken from a person.
type resetResult struct {
	Clinic   string `json:"clinic"`
	Account  string `json:"account"`
	Role     string `json:"role"`
	App      bool   `json:"app"`
	Passkeys int    `json:"passkeys"`
	Recovery int    `json:"recoveryCodes"`
	Link     string `json:"link,omitempty"`
	Told     bool   `json:"told"` // their message is in the outbox and can be sent
}

func (o *operator) resetFactors(ctx context.Context, in userRequest) (resetResult, error) {
	clinic, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return resetResult{}, err
	}
	v, err := o.control.Security.ResetFactors(ctx, who, in.Person)
	if err != nil {
		return resetResult{}, err
	}
	out := resetResult{
		Clinic: clinic.Slug, Account: string(v.Account.ID), Role: string(v.Account.Role),
		App: v.App, Passkeys: v.Passkeys, Recovery: v.Recovery, Told: v.Told && len(o.control.Channels()) > 0,
	}
	if v.Link != "" {
		out.Link = o.publicURL + v.Link
	}
	return out, nil
}

func newUserResetCommand() *cobra.Command {
	clinic := ""
	cmd := operatorCommand[userRequest, resetResult]{
		use: "reset-2fa PERSON", short: "Remove a person's second factors, end their sessions, and tell them",
		args: oneArg("a person's email, telephone number or account id"), path: "/user/reset-2fa", do: (*operator).resetFactors,
		long: `Removes the authenticator app, the passkeys, the recovery codes and the known devices of
somebody who has lost them, and signs them out everywhere. They sign in with their
password and a code by mail or SMS, and set up the rest anew; a member of staff who has
no password gets a link instead, by which they choose how to sign in.

Make sure that it is them who ask. They are told by mail or SMS, and it is in the
clinic's audit trail.

    consilium user reset-2fa doctor@clinic.example`,
		in: func(args []string) (userRequest, error) { return userRequest{clinic, args[0]}, nil },
		print: func(w io.Writer, v resetResult) {
			fmt.Fprintf(w, "%s (%s) has no second factor but codes now, and is signed out everywhere.\n", v.Account, v.Role)
			if v.Link != "" {
				fmt.Fprintf(w, "They have no password: the link by which they choose how to sign in, for three days and once:\n\n  %s\n", v.Link)
			}
			if !v.Told {
				fmt.Fprintln(w, "They could not be told: mail and SMS are not set up. Tell them.")
			}
		},
	}.command()
	cmd.Flags().StringVar(&clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}
