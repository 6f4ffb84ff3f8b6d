package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"consilium/control"
)

func newTokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Let a clinic's own systems use the API",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newTokenCreateCommand(), newTokenListCommand(), newTokenRevokeCommand())
	return cmd
}

// tokenRequest asks for a token, or names one.
type tokenRequest struct {
	Clinic string   `json:"clinic"`
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
	Days   int      `json:"days"`
}

// tokenLine is a token as the commands print it. Secret is there once, when it was made.
type tokenLine struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Scopes  []string   `json:"scopes"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Used    *time.Time `json:"used,omitempty"`
	Secret  string     `json:"token,omitempty"`
}

type tokenLines struct {
	Tokens []tokenLine `json:"tokens"`
}

func tokenOf(v *control.APIToken) tokenLine {
	out := tokenLine{ID: string(v.ID), Name: v.Name, Scopes: v.Scopes.Names(), Created: v.Created, Expires: v.Expires}
	if !v.Used.IsZero() {
		out.Used = &v.Used
	}
	return out
}

func (o *operator) createToken(ctx context.Context, in tokenRequest) (tokenLine, error) {
	_, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return tokenLine{}, err
	}
	v, secret, err := o.control.Tokens.Create(ctx, who, control.NewToken{
		Name: in.Name, Scopes: in.Scopes, Expires: time.Now().AddDate(0, 0, in.Days),
	})
	if err != nil {
		return tokenLine{}, err
	}
	out := tokenOf(&v)
	out.Secret = secret
	return out, nil
}

func (o *operator) listTokens(ctx context.Context, in clinicName) (tokenLines, error) {
	out := tokenLines{Tokens: []tokenLine{}}
	_, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return out, err
	}
	all, err := o.control.Tokens.List(ctx, who)
	for i := range all {
		out.Tokens = append(out.Tokens, tokenOf(&all[i]))
	}
	return out, err
}

func (o *operator) revokeToken(ctx context.Context, in tokenRequest) (tokenRequest, error) {
	_, who, err := o.about(ctx, in.Clinic)
	if err != nil {
		return in, err
	}
	return in, o.control.Tokens.Revoke(ctx, who, in.Name)
}

func newTokenCreateCommand() *cobra.Command {
	var in tokenRequest
	scopes := ""
	cmd := operatorCommand[tokenRequest, tokenLine]{
		use: "create", short: "Make a token and print it, this once", path: "/token/create", do: (*operator).createToken,
		long: `Makes a token with which a program of the clinic calls the API as an administrator may,
within the scopes that it is given and no further. It is printed once and kept as a hash:
hand it over in private, and revoke it when it may have leaked.

    consilium token create --name "front desk telephone" --scopes appointments:read,schedule:read --days 90

Scopes: ` + strings.Join(control.ScopeNames(), ", "),
		in: func([]string) (tokenRequest, error) {
			in.Scopes = list(scopes)
			if in.Name == "" || len(in.Scopes) == 0 {
				return in, fmt.Errorf("%w: --name and --scopes are needed", errUsage)
			}
			return in, nil
		},
		print: func(w io.Writer, v tokenLine) {
			fmt.Fprintf(w, "%s may %s until %s. The token, which nobody sees again:\n\n  %s\n",
				v.Name, strings.Join(v.Scopes, ", "), v.Expires.Format(time.DateOnly), v.Secret)
		},
	}.command()
	f := cmd.Flags()
	f.StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	f.StringVar(&in.Name, "name", "", "what the program is called")
	f.StringVar(&scopes, "scopes", "", "what it may, with commas between")
	f.IntVar(&in.Days, "days", 365, "how long the token works, up to two years")
	return cmd
}

func newTokenListCommand() *cobra.Command {
	var in clinicName
	cmd := operatorCommand[clinicName, tokenLines]{
		use: "list", short: "List a clinic's tokens, without their secrets", path: "/token/list", do: (*operator).listTokens,
		in: func([]string) (clinicName, error) { return in, nil },
		print: func(w io.Writer, all tokenLines) {
			for _, v := range all.Tokens {
				used := "never used"
				if v.Used != nil {
					used = "used " + v.Used.Format(time.RFC3339)
				}
				fmt.Fprintf(w, "%.12s  until %s  %s  %s  %s\n", v.ID, v.Expires.Format(time.DateOnly), used, strings.Join(v.Scopes, ","), v.Name)
			}
		},
	}.command()
	cmd.Flags().StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}

func newTokenRevokeCommand() *cobra.Command {
	var in tokenRequest
	cmd := operatorCommand[tokenRequest, tokenRequest]{
		use: "revoke TOKEN", short: "End a token at once, by its name or id", args: oneArg("a token's name or id"),
		path: "/token/revoke", do: (*operator).revokeToken,
		in:    func(args []string) (tokenRequest, error) { in.Name = args[0]; return in, nil },
		print: func(w io.Writer, v tokenRequest) { fmt.Fprintf(w, "%s works no more.\n", v.Name) },
	}.command()
	cmd.Flags().StringVar(&in.Clinic, "clinic", "", "the clinic's short name or id; not needed when there is one")
	return cmd
}
