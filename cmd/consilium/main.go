// Command consilium is a telemedicine server in one program: media, relay, signaling, the
// clinic's rules and its web application.
package main

import (
	"os"

	"consilium/cmd/consilium/command"
)

func main() {
	os.Exit(command.Main(os.Args[1:], os.Stdout, os.Stderr))
}
