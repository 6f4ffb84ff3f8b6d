package loadtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"consilium/internal/id"
)

// Child is a server of this machine that was started for a run.
type Child struct {
	URL string
	Key string
	PID int

	cmd  *exec.Cmd
	dir  string
	done chan error
}

// serverUp matches what serve prints when it is up.
var serverUp = regexp.MustCompile(`at (https?://\S+)`)

// StartConsilium starts binary as a Consilium server on free loopback ports, with an
// empty data folder of its own and a key of its own for load tests. Stop it.
func StartConsilium(ctx context.Context, binary string) (*Child, error) {
	dir, err := os.MkdirTemp("", "consilium-loadtest-")
	if err != nil {
		return nil, fmt.Errorf("make a data folder: %w", err)
	}
	key := id.Secret()
	cmd := exec.Command(binary, "serve", "--data", filepath.Join(dir, "data"), // its keys lie beside it
		"--http-listen", "127.0.0.1:0", "--media-listen", "127.0.0.1:0",
		"--turn-enabled", "false", "--log-level", "warn")
	cmd.Env = append(os.Environ(), "CONSILIUM_LOADTEST_KEY="+key)
	c := &Child{Key: key, cmd: cmd, dir: dir}
	if c.URL, err = c.start(ctx, serverUp); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return c, nil
}

// StartProgram starts any server that prints its address after the word "at" when it
// is up. Stop it.
func StartProgram(ctx context.Context, binary string, args ...string) (*Child, error) {
	c := &Child{cmd: exec.Command(binary, args...)}
	var err error
	c.URL, err = c.start(ctx, serverUp)
	return c, err
}

func (c *Child) start(ctx context.Context, up *regexp.Regexp) (string, error) {
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("start server: %w", err)
	}
	c.cmd.Stderr = os.Stderr
	if err := c.cmd.Start(); err != nil {
		return "", fmt.Errorf("start server: %w", err)
	}
	c.PID = c.cmd.Process.Pid
	c.done = make(chan error, 1)
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := up.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[1]:
				default:
				}
			}
		}
		_, _ = io.Copy(io.Discard, out)
		c.done <- c.cmd.Wait()
	}()
	t := time.NewTimer(20 * time.Second)
	defer t.Stop()
	select {
	case url := <-found:
		return url, nil
	case err := <-c.done:
		return "", fmt.Errorf("the server ended at once: %w", errors.Join(errors.New("see its messages above"), err))
	case <-t.C:
		err = errors.New("the server did not come up in 20 seconds")
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = c.cmd.Process.Kill()
	<-c.done
	return "", err
}

// Stop ends the server and removes its data.
func (c *Child) Stop() error {
	err := c.cmd.Process.Signal(syscall.SIGTERM)
	t := time.NewTimer(10 * time.Second)
	defer t.Stop()
	select {
	case e := <-c.done:
		err = errors.Join(err, e)
	case <-t.C:
		err = errors.Join(errors.New("the server did not stop in 10 seconds"), c.cmd.Process.Kill(), <-c.done)
	}
	if c.dir != "" {
		err = errors.Join(err, os.RemoveAll(c.dir))
	}
	if err != nil {
		return fmt.Errorf("stop server: %w", err)
	}
	return nil
}
