package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"consilium/internal/loadtest/floor"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "floor":
			return serveFloor(ctx)
		case "parts":
			return parts(ctx)
		}
	}
	var b bench
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&b.runs, "runs", 5, "runs of each scenario and server")
	flags.DurationVar(&b.duration, "duration", 8*time.Second, "length of each measurement")
	flags.Float64Var(&b.quiet, "quiet", 0.3, "cores that other processes may use; a noisier run is repeated up to twice")
	flags.StringVar(&b.binary, "binary", "", "the consilium program; empty builds it")
	only := flags.String("only", "", "scenarios to run, like s1-20,s2-30; empty for all")
	quick := flags.Bool("quick", false, "three short runs of two scenarios")
	check := flags.Bool("check", false, "fail when a ratio is over its mark")
	out := flags.String("json", "", "write every run to this file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *quick {
		b.runs, b.duration = 3, 4*time.Second
		if *only == "" {
			*only = "s1-10,s2-30"
		}
	}
	if *only != "" {
		b.only = strings.Split(*only, ",")
	}
	dir, err := os.MkdirTemp("", "consilium-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if b.binary == "" {
		b.binary = filepath.Join(dir, "consilium")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.binary, "./cmd/consilium")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build consilium: %w", err)
		}
	}
	if b.self, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	err = b.run(ctx)
	if *out != "" && len(b.results) > 0 {
		err = errors.Join(err, writeJSON(*out, b.results))
	}
	if err != nil {
		return err
	}
	b.print(os.Stdout)
	if *check {
		return b.check()
	}
	return nil
}

func writeJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode results: %w", err)
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}

// serveFloor runs the floor until it is told to stop.
func serveFloor(ctx context.Context) error {
	s, err := floor.New("127.0.0.1:0")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), s.Close())
	}
	web := http.Server{Handler: s}
	served := make(chan error, 1)
	go func() { served <- web.Serve(l) }()
	fmt.Printf("floor is at http://%s\n", l.Addr())
	<-ctx.Done()
	err = errors.Join(web.Close(), s.Close())
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// parts runs the benchmarks of the packages on the packet path.
func parts(ctx context.Context) error {
	c := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", "200ms", "./sfu/...")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("run the parts' benchmarks: %w", err)
	}
	return nil
}
