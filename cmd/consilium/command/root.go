package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"consilium/configs"
)

// Exit codes, the same for every command.
const (
	exitOK      = 0
	exitFailure = 1 // the command was understood and failed
	exitUsage   = 2 // arguments or configuration are wrong; nothing was done
)

// errUsage marks errors that come from how the program was called.
var errUsage = errors.New("wrong usage")

// Main runs the program with its arguments and returns the exit code. The first SIGINT
// or SIGTERM cancels the command's context; the second ends the process at once.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // gives the second signal its default effect back

	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUsage), errors.Is(err, configs.ErrInvalid):
		fmt.Fprintln(stderr, "consilium:", err)
		return exitUsage
	default:
		fmt.Fprintln(stderr, "consilium:", err)
		return exitFailure
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "consilium",
		Short: "Telemedicine server for clinics: calls, calendar, cards and documents in one program",
		Long: `Consilium is a telemedicine server that a clinic runs itself. One program holds the
video server, the relay for closed networks, the clinic's calendar and cards, and the
web application.

Try it:    consilium serve --demo
Set it up: consilium init --help
Run it:    consilium serve --config /etc/consilium.yaml

Exit status is 0 on success, 1 on failure, 2 when arguments or configuration are wrong.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w", errUsage, err)
	})
	root.AddCommand(newServeCommand(), newConfigCommand(), newLoadtestCommand(), newVersionCommand(), newBackupCommand(), newRestoreCommand(), newStoreCommand(), newKeysCommand())
	root.AddCommand(newInitCommand(), newClinicCommand(), newStaffCommand(), newAuditCommand())
	root.AddCommand(newMessageCommand())
	root.AddCommand(newUserCommand(), newPatientCommand(), newTokenCommand(), newAppointmentsCommand(), newScheduleCommand(), newEmergenciesCommand())
	return root
}

// noArgs refuses positional arguments as wrong usage.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: %s takes no argument, got %q", errUsage, cmd.CommandPath(), args[0])
	}
	return nil
}
