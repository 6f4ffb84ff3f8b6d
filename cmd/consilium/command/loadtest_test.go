package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"consilium/internal/loadtest"
)

func TestLoadtestUsage(t *testing.T) {
	t.Setenv("CONSILIUM_LOADTEST_KEY", "")
	for name, c := range map[string]struct {
		args string
		want string
	}{
		"no server":       {"", "--self or --url"},
		"two servers":     {"--self --url http://localhost:1", "--self or --url"},
		"no key":          {"--url http://localhost:1", "loadtest.key"},
		"short key":       {"--url http://localhost:1 --key abc", "at least 32"},
		"no address":      {"--url localhost --key 12345678901234567890123456789012", "no address"},
		"unknown load":    {"--self --scenario s9", "--scenario"},
		"impossible size": {"--self --size 0", "size"},
		"foreign process": {"--self --pid 1", "--pid"},
		"an argument":     {"--self twice", "takes no argument"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Main(append([]string{"loadtest"}, strings.Fields(c.args)...), &out, &errs)
			if code != exitUsage || !strings.Contains(errs.String(), c.want) {
				t.Fatalf("exit %d: %s", code, errs.String())
			}
		})
	}
}

// TestLoadtestMeasures runs against the whole server, through the key.
func TestLoadtestMeasures(t *testing.T) {
	cfg := testConfig(t)
	cfg.LoadTest.Key = "a key for load tests of 32 bytes or more"
	links, stop := startServe(t, cfg)
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	opts := loadtestOptions{url: base(t, links), key: cfg.LoadTest.Key, scenario: "s1", json: true, maxLoss: 100, plan: loadtest.DefaultPlan()}
	opts.plan.Rooms, opts.plan.Warmup, opts.plan.Duration = 1, 0, 300*time.Millisecond
	var out, progress bytes.Buffer
	if err := opts.run(t.Context(), &out, &progress); err != nil {
		t.Fatal(err)
	}
	var report loadtest.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if report.Joined != 2 || report.Failed != 0 || report.Received.Packets == 0 {
		t.Fatalf("%+v", report)
	}
	if !strings.Contains(progress.String(), "2 of 2 in the rooms") {
		t.Errorf("progress: %q", progress.String())
	}
	opts.maxLoss = -1
	out.Reset()
	if err := opts.run(t.Context(), &out, &progress); !errors.Is(err, errLoss) {
		t.Errorf("a loss over the limit gives %v", err)
	}
}
