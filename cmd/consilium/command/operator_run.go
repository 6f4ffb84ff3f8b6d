package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// operatorCommand is a command about clinics or people: it asks the running server or
// works on the data folder, and prints JSON or sentences.
type operatorCommand[In, Out any] struct {
	use, short, long string
	args             cobra.PositionalArgs
	path             string
	do               func(*operator, context.Context, In) (Out, error)
	// in makes the request from the command line.
	in func(args []string) (In, error)
	// print says in sentences what was done.
	print func(io.Writer, Out)
	// outcome is an error that the answer itself is, if it is one.
	outcome func(Out) error
}

// command builds the cobra command.
func (c operatorCommand[In, Out]) command() *cobra.Command {
	var flags configFlags
	asJSON := false
	if c.args == nil {
		c.args = noArgs
	}
	cmd := &cobra.Command{
		Use: c.use, Short: c.short, Long: c.long, Args: c.args,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := flags.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			in, err := c.in(args)
			if err != nil {
				return err
			}
			out, err := onControl(cmd.Context(), cfg, c.path, in, c.do)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(out)
			} else {
				c.print(cmd.OutOrStdout(), out)
			}
			if c.outcome != nil {
				err = errors.Join(err, c.outcome(out))
			}
			return err
		},
	}
	flags.addFlags(cmd.Flags(), "data", "keys", "http.listen", "publicUrl")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// oneArg wants exactly one argument of a meaning.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%w: %s takes %s", errUsage, cmd.CommandPath(), what)
		}
		return nil
	}
}
