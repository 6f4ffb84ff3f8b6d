package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"consilium/control"
)

// headsEvery spaces the writing of heads.
const headsEvery = time.Minute

// heads adds the ends of the audit trails to a file that is kept apart from the data.
type heads struct {
	path    string // of the file, or of the folder
	control *control.Control
	log     *slog.Logger
	last    map[control.ClinicID]control.AuditHead // what was written last
}

// newHeads reads what was written before, and says when the data does not hold it: then
// the data was put back to an older state, or changed from below.
func newHeads(ctx context.Context, path string, c *control.Control, log *slog.Logger) (*heads, error) {
	h := &heads{path: path, control: c, log: log, last: map[control.ClinicID]control.AuditHead{}}
	known, err := readHeads(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, head := range known {
		h.last[head.Clinic] = head
	}
	for clinic, head := range h.last {
		now, err := c.Audit.At(ctx, clinic, head.N)
		if err != nil {
			return nil, err
		}
		if now.Hash != head.Hash {
			log.Error("the audit trail does not hold the head that was kept elsewhere: the data was put back to an older state, or changed; see consilium audit verify --since-head",
				"clinic", string(clinic), "entry", head.N)
		}
	}
	return h, nil
}

// run writes the heads that have changed, once a minute and at the end.
func (h *heads) run(ctx context.Context) error {
	tick := time.NewTicker(headsEvery)
	defer tick.Stop()
	for {
		if err := h.write(context.WithoutCancel(ctx)); err != nil {
			h.log.Error("the ends of the audit trails were not kept", "error", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (h *heads) write(ctx context.Context) (err error) {
	defer func() { // calls go on whatever is wrong here
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	clinics, err := h.control.Clinics.All(ctx, control.Operator(""))
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	changed := map[control.ClinicID]control.AuditHead{}
	for _, v := range clinics {
		head, err := h.control.Audit.Head(ctx, v.ID)
		if err != nil {
			return err
		}
		if last, ok := h.last[v.ID]; head.N == 0 || ok && last.N == head.N && last.Hash == head.Hash {
			continue
		}
		if err := json.NewEncoder(&lines).Encode(head); err != nil {
			return fmt.Errorf("encode an audit head: %w", err)
		}
		changed[v.ID] = head
	}
	if lines.Len() == 0 {
		return nil
	}
	if err := appendDurably(h.file(time.Now()), lines.Bytes()); err != nil {
		return err
	}
	for clinic, head := range changed {
		h.last[clinic] = head
	}
	return nil
}

// file is where heads go now: in a folder, a file for each day.
func (h *heads) file(now time.Time) string {
	if info, err := os.Stat(h.path); err == nil && info.IsDir() {
		return filepath.Join(h.path, "audit-heads-"+now.UTC().Format(time.DateOnly)+".jsonl")
	}
	return h.path
}

// appendDurably adds to a file and returns when it is on the disk.
func appendDurably(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("keep the audit heads: %w", err)
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("keep the audit heads: %w", err)
	}
	return nil
}

// readHeads reads the heads of a file, or of all files of a folder, the oldest first.
func readHeads(path string) ([]control.AuditHead, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the audit heads: %w", err)
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*.jsonl")); err != nil {
			return nil, fmt.Errorf("read the audit heads: %w", err)
		}
	}
	var out []control.AuditHead
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the audit heads: %w", err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for n := 1; lines.Scan(); n++ {
			if strings.TrimSpace(lines.Text()) == "" {
				continue
			}
			var head control.AuditHead
			err := json.Unmarshal(lines.Bytes(), &head)
			if err != nil && !bytes.HasSuffix(text, []byte("\n")) && bytes.HasSuffix(text, lines.Bytes()) {
				break // the last line was cut off with its writer
			}
			if err != nil || head.Clinic == "" {
				return nil, fmt.Errorf("%w: %s, line %d: no audit head", errUsage, name, n)
			}
			out = append(out, head)
		}
	}
	return out, nil
}
