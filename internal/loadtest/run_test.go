package loadtest_test

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"consilium/internal/grant"
	"consilium/internal/loadtest"
	"consilium/internal/loadtest/floor"
	"consilium/sfu"
	"consilium/signaling"
)

func plan() loadtest.Plan {
	p := loadtest.DefaultPlan()
	p.Rooms, p.JoinsPerSecond, p.Warmup, p.Duration = 2, 100, 200*time.Millisecond, time.Second
	p.PID = os.Getpid()
	return p
}

func check(t *testing.T, r *loadtest.Report, people, streams int) {
	t.Helper()
	if r.Joined != people || r.Failed != 0 || len(r.Errors) > 0 {
		t.Fatalf("%d joined, %d failed: %v", r.Joined, r.Failed, r.Errors)
	}
	if r.Received.Streams != streams || r.Received.Packets == 0 || r.Latency.Samples == 0 {
		t.Fatalf("%+v %+v", r.Received, r.Latency)
	}
	if r.Server == nil || r.Server.RSS == 0 {
		t.Error("the process was not measured")
	}
	if err := r.Print(io.Discard); err != nil {
		t.Error(err)
	}
}

func TestFloor(t *testing.T) {
	s, err := floor.New("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	defer func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	r, err := loadtest.Run(t.Context(), plan(), floor.Door{URL: web.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, 4, 8)
}

// nothing keeps no chat.
type nothing struct{}

func (nothing) Post(context.Context, string, string, string, string) (signaling.Message, error) {
	return signaling.Message{}, signaling.ErrChatRefused
}

func (nothing) History(context.Context, string, string) ([]signaling.Message, error) {
	return nil, nil
}

func TestConsilium(t *testing.T) {
	const key = "a key for load tests of 32 bytes or more"
	cfg := sfu.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	log := slog.New(slog.DiscardHandler)
	media, err := sfu.New(cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	grants, err := grant.NewKeeperWithKey([]byte(key), nil)
	if err != nil {
		t.Fatal(err)
	}
	signal, err := signaling.New(signaling.DefaultConfig(), signaling.Deps{Media: signaling.OverSFU(media), Grants: grants, Chat: nothing{}}, log)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(signal)
	defer func() {
		if err := signal.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		web.Close()
		if err := media.Close(); err != nil {
			t.Error(err)
		}
	}()
	door, err := loadtest.NewConsilium(web.URL, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		change  func(*loadtest.Plan)
		people  int
		streams int
	}{
		{"consultations", func(*loadtest.Plan) {}, 4, 8},
		{"one to many", func(p *loadtest.Plan) { p.Rooms, p.Size, p.Publishers = 1, 6, 1 }, 6, 10},
		{"a narrow line gets a smaller picture", func(p *loadtest.Plan) {
			p.Simulcast, p.Downlink, p.Warmup, p.Duration = true, 500_000, 3*time.Second, 2*time.Second
		}, 4, 8},
		{"simulcast with losses", func(p *loadtest.Plan) { p.Simulcast, p.LossUp, p.LossDown = true, 0.05, 0.05 }, 4, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan()
			c.change(&p)
			r, err := loadtest.Run(t.Context(), p, door, nil)
			if err != nil {
				t.Fatal(err)
			}
			check(t, r, c.people, c.streams)
			if p.Downlink > 0 && (r.Received.LossPercent > 5 || r.Received.BitsPerSecond > float64(4*p.Downlink)) {
				t.Errorf("%.0f bit/s over four lines of %d, %.1f %% lost", r.Received.BitsPerSecond, p.Downlink, r.Received.LossPercent)
			}
			if p.LossDown > 0 && r.Received.Repaired == 0 {
				t.Error("nothing that was lost was repaired")
			}
		})
	}
	if _, err := loadtest.NewConsilium("ftp://x", key); err == nil {
		t.Error("an address that is none was taken")
	}
}
