package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"consilium/configs"
)

func newConfigCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print an annotated configuration file, or check one",
		Long: `Without flags it prints the annotated configuration with every key and its default:

    consilium config > consilium.yaml

With --check it reads a file and the environment as serve would, and names what is wrong.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				_, err := fmt.Fprint(cmd.OutOrStdout(), configs.Example)
				return err
			}
			cfg, err := configs.Load(file, os.Environ())
			if err != nil {
				return err
			}
			if err := cfg.Validate(); err != nil {
				return err
			}
			if _, err := newSenders(cfg, false); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "The configuration is valid.")
			return err
		},
	}
	cmd.Flags().StringVar(&file, "check", "", "the file to check")
	return cmd
}
