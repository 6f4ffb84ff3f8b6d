package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"consilium/internal/loadtest"
)

// errLoss says that a load test found what it was told to refuse.
var errLoss = errors.New("load test failed")

type loadtestOptions struct {
	plan     loadtest.Plan
	scenario string
	url, key string
	self     bool
	noAudio  bool
	noVideo  bool
	json     bool
	quiet    bool
	maxLoss  float64
}

func (o *loadtestOptions) addFlags(flags *pflag.FlagSet) {
	p := loadtest.DefaultPlan()
	flags.BoolVar(&o.self, "self", false, "start a server on this machine for the test")
	flags.StringVar(&o.url, "url", "", "the server to test, like https://clinic.example")
	flags.StringVar(&o.key, "key", "", "that server's loadtest.key (better: environment CONSILIUM_LOADTEST_KEY)")
	flags.StringVar(&o.scenario, "scenario", "s1", "s1: all send to all; s2: one sends, the others of its room receive")
	flags.IntVar(&o.plan.Rooms, "rooms", p.Rooms, "rooms")
	flags.IntVar(&o.plan.Size, "size", p.Size, "participants of each room")
	flags.IntVar(&o.plan.Publishers, "publishers", 0, "how many of them send, 0 for as the scenario says")
	flags.BoolVar(&o.noAudio, "no-audio", false, "send no audio")
	flags.BoolVar(&o.noVideo, "no-video", false, "send no video")
	flags.BoolVar(&o.plan.Simulcast, "simulcast", false, "send video in three sizes")
	flags.IntVar(&o.plan.Audio.PacketsPerSecond, "audio-rate", p.Audio.PacketsPerSecond, "packets of audio a second")
	flags.IntVar(&o.plan.Audio.Bytes, "audio-bytes", p.Audio.Bytes, "bytes in each")
	flags.IntVar(&o.plan.Video.PacketsPerSecond, "video-rate", p.Video.PacketsPerSecond, "packets of video a second")
	flags.IntVar(&o.plan.Video.Bytes, "video-bytes", p.Video.Bytes, "bytes in each")
	flags.IntVar(&o.plan.FPS, "fps", p.FPS, "frames of video a second")
	flags.DurationVar(&o.plan.Duration, "duration", p.Duration, "length of the measurement")
	flags.DurationVar(&o.plan.Warmup, "warmup", p.Warmup, "time between the last join and the measurement")
	flags.Float64Var(&o.plan.JoinsPerSecond, "joins", p.JoinsPerSecond, "joins a second")
	flags.Float64Var(&o.plan.Churn, "churn", 0, "participants that leave and are replaced, a second")
	flags.Float64Var(&o.plan.LossUp, "loss-up", 0, "share of packets lost on the way to the server, like 0.05")
	flags.Float64Var(&o.plan.LossDown, "loss-down", 0, "share of packets lost on the way back")
	flags.Int64Var(&o.plan.Downlink, "downlink", 0, "bits a second that each participant's line carries to it, 0 for no limit")
	flags.IntVar(&o.plan.PID, "pid", 0, "process id of the server when it is on this machine: measures its CPU and memory")
	flags.Float64Var(&o.maxLoss, "max-loss", 100, "fail when more than this share of packets, in percent, was lost after repair")
	flags.BoolVar(&o.json, "json", false, "print the result as JSON")
	flags.BoolVar(&o.quiet, "quiet", false, "show no progress")
}

func newLoadtestCommand() *cobra.Command {
	var opts loadtestOptions
	cmd := &cobra.Command{
		Use:   "loadtest",
		Short: "Measure what a server carries",
		Long: `Fills a server with participants who send sound and pictures to each other, and
measures what arrives, how late, and what it costs.

    consilium loadtest --self --rooms 20
    consilium loadtest --self --scenario s2 --size 31
    CONSILIUM_LOADTEST_KEY=… consilium loadtest --url https://clinic.example --rooms 50

A server lets the test in only when its operator has set loadtest.key; the test opens
rooms of its own and sees nothing of any clinic. The participants take about as much of a
machine as the server does: to find a server's limit run them on another machine.

Exit status is 1 when nobody could join, or when more was lost than --max-loss allows.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opts.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	opts.addFlags(cmd.Flags())
	return cmd
}

// settle completes the plan and checks how the command was called.
func (o *loadtestOptions) settle() error {
	if o.key == "" {
		o.key = os.Getenv("CONSILIUM_LOADTEST_KEY")
	}
	switch {
	case o.self == (o.url != ""):
		return fmt.Errorf("%w: give either --self or --url", errUsage)
	case o.self && o.plan.PID != 0:
		return fmt.Errorf("%w: --self knows the server's process, leave --pid out", errUsage)
	case !o.self && o.key == "":
		return fmt.Errorf("%w: --url needs the server's loadtest.key in CONSILIUM_LOADTEST_KEY or --key", errUsage)
	}
	switch o.scenario {
	case "s1":
	case "s2":
		if o.plan.Publishers == 0 {
			o.plan.Publishers = 1
		}
	default:
		return fmt.Errorf("%w: --scenario must be s1 or s2, got %q", errUsage, o.scenario)
	}
	if o.noAudio {
		o.plan.Audio.PacketsPerSecond = 0
	}
	if o.noVideo {
		o.plan.Video.PacketsPerSecond = 0
	}
	if err := o.plan.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return nil
}

func (o *loadtestOptions) run(ctx context.Context, out, progress io.Writer) (err error) {
	if err := o.settle(); err != nil {
		return err
	}
	if o.self {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		child, err := loadtest.StartConsilium(ctx, self)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, child.Stop()) }()
		o.url, o.key, o.plan.PID = child.URL, child.Key, child.PID
	}
	door, err := loadtest.NewConsilium(o.url, o.key)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	bar := progressLine{out: progress}
	show := bar.show
	if o.quiet {
		show = nil
	}
	report, err := loadtest.Run(ctx, o.plan, door, show)
	bar.clear()
	if err != nil {
		return err
	}
	if o.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = report.Print(out)
	}
	if err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	if report.Received.LossPercent > o.maxLoss {
		return fmt.Errorf("%w: %.3f %% lost, at most %.3f %% allowed", errLoss, report.Received.LossPercent, o.maxLoss)
	}
	return nil
}

// progressLine shows one line that is written over.
type progressLine struct {
	out  io.Writer
	last time.Time
	wide int
}

// show is called by one goroutine at a time.
func (l *progressLine) show(p loadtest.Progress) {
	if now := time.Now(); now.Sub(l.last) < 100*time.Millisecond {
		return
	} else {
		l.last = now
	}
	const width = 24
	full := min(int(p.Done*width), width)
	text := fmt.Sprintf("%-9s [%s%s] %d of %d in the rooms", p.Phase, strings.Repeat("=", full), strings.Repeat(" ", width-full), p.Joined, p.Total)
	if p.Failed > 0 {
		text += fmt.Sprintf(", %d failed", p.Failed)
	}
	fmt.Fprintf(l.out, "\r%-*s", l.wide, text)
	l.wide = len(text)
}

func (l *progressLine) clear() {
	if l.wide > 0 {
		fmt.Fprintf(l.out, "\r%*s\r", l.wide, "")
	}
}
