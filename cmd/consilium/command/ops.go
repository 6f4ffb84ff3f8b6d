package command

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// readiness is what /readyz answers. The zero value is not ready.
type readiness struct{ state atomic.Pointer[string] }

const (
	stateReady    = "ready"
	stateStarting = "starting"
	stateStopping = "stopping"
)

func (r *readiness) set(state string) { r.state.Store(&state) }

func (r *readiness) get() string {
	if state := r.state.Load(); state != nil {
		return *state
	}
	return stateStarting
}

// opsHandler serves what watches the server: /healthz, /readyz and /metrics. writable
// reports why the store cannot take a write, nil when it can.
func opsHandler(ready *readiness, writable func() error, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answerText(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if state := ready.get(); state != stateReady {
			answerText(w, http.StatusServiceUnavailable, state)
			return
		}
		if err := writable(); err != nil {
			answerText(w, http.StatusServiceUnavailable, "the store takes no writes")
			return
		}
		answerText(w, http.StatusOK, stateReady)
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

func answerText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the asker has gone: nobody is left to tell
}

// metricsHandler serves the process's figures and those of the given collector.
func metricsHandler(parts prometheus.Collector) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		parts,
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
