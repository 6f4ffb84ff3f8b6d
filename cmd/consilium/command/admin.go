package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"consilium/configs"
)

// adminSocket is the socket in the data folder over which other commands reach the running
// server, which alone may open the data. Only its owner may connect.
const adminSocket = "admin.sock"

// adminMax bounds a request and an answer in bytes: a year of audit heads fits.
const adminMax = 256 << 20

// admin serves the operator's commands on a socket.
type admin struct {
	server   *http.Server
	listener net.Listener
	mux      *http.ServeMux
	log      *slog.Logger
}

// newAdmin opens the socket. One that a killed server left behind is replaced: the caller
// holds the data folder, so nobody listens on it.
func newAdmin(data string, s *storage, log *slog.Logger) (*admin, error) {
	file := filepath.Join(data, adminSocket)
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the operator's socket: %w", err)
	}
	listener, err := net.Listen("unix", file)
	if err != nil {
		return nil, fmt.Errorf("open the operator's socket: %w", err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("open the operator's socket: %w", err), listener.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /backup", adminCall(log, s.backup))
	mux.HandleFunc("POST /check", adminCall(log, s.check))
	mux.HandleFunc("POST /keys/rotate", adminCall(log, s.rotate))
	mux.HandleFunc("POST /keys/rotate-clinic", adminCall(log, s.rotateClinic))
	return &admin{
		server:   &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second},
		listener: listener, mux: mux, log: log,
	}, nil
}

func (a *admin) serve() error {
	if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the operator's socket: %w", err)
	}
	return nil
}

// adminCall answers one command: JSON in, JSON or a sentence out. Whoever reaches the
// socket owns the data, so an error's whole text is theirs to see.
func adminCall[In, Out any](log *slog.Logger, do func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		log.Info("operator's command", "route", r.Pattern)
		var in In
		err := json.NewDecoder(io.LimitReader(r.Body, adminMax)).Decode(&in)
		if err != nil {
			answerText(w, http.StatusBadRequest, err.Error())
			return
		}
		out, err := do(r.Context(), in)
		if errors.Is(err, errUsage) {
			answerText(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		if err != nil {
			answerText(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out) // the command was stopped: nobody is left to tell
	}
}

// errNotRunning: no server holds the data folder.
var errNotRunning = errors.New("no server is running on this data folder")

// askServer sends a command to the server that holds the data folder.
func askServer[Out any](ctx context.Context, cfg configs.Config, path string, in any) (out Out, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("encode the command: %w", err)
	}
	file := filepath.Join(cfg.Data, adminSocket)
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", file)
	}}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://server"+path, bytes.NewReader(body))
	if err != nil {
		return out, fmt.Errorf("make the command: %w", err)
	}
	answer, err := client.Do(req)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return out, errNotRunning
	}
	if err != nil {
		return out, fmt.Errorf("reach the server: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, adminMax))
	if err != nil {
		return out, fmt.Errorf("read the server's answer: %w", err)
	}
	if answer.StatusCode == http.StatusUnprocessableEntity {
		return out, fmt.Errorf("%w: %s", errUsage, bytes.TrimPrefix(bytes.TrimSpace(text), []byte(errUsage.Error()+": ")))
	}
	if answer.StatusCode != http.StatusOK {
		return out, fmt.Errorf("the server answered: %s", bytes.TrimSpace(text))
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("understand the server's answer: %w", err)
	}
	return out, nil
}

// onStorage runs a command in the server that holds the data folder or, when none runs,
// on the folder itself.
func onStorage[In, Out any](ctx context.Context, cfg configs.Config, path string, in In, do func(*storage, context.Context, In) (Out, error)) (Out, error) {
	out, err := askServer[Out](ctx, cfg, path, in)
	if !errors.Is(err, errNotRunning) {
		return out, err
	}
	if fresh, err := isNew(cfg.Data, keysFolder(cfg)); err != nil || fresh {
		return out, errors.Join(err, fmt.Errorf("there is no data in %s", cfg.Data))
	}
	s, err := openStorage(ctx, cfg, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return out, err
	}
	out, err = do(s, ctx, in)
	return out, errors.Join(err, s.close())
}
