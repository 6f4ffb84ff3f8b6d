package file

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"consilium/control/notify"
)

// Sender writes each message as a JSON file of its own, named so that they sort in the
// order of sending. It is safe for concurrent use.
type Sender struct {
	dir string

	mu   sync.Mutex // guards the following
	next int
}

var _ notify.Sender = (*Sender)(nil)

// New writes into dir, which it makes when it is not there. Only its owner may read it:
// the messages hold sign-in codes.
func New(dir string) (*Sender, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for messages: %w", err)
	}
	present, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("count the messages: %w", err)
	}
	return &Sender{dir: dir, next: len(present) + 1}, nil
}

// Send implements [notify.Sender]. A repeated message is written once.
func (s *Sender) Send(_ context.Context, m notify.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	same, err := filepath.Glob(filepath.Join(s.dir, "*-"+m.ID+".json"))
	if err != nil {
		return fmt.Errorf("look for the message: %w", err)
	}
	if len(same) > 0 {
		return nil
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	name := filepath.Join(s.dir, fmt.Sprintf("%06d-%s.json", s.next, m.ID))
	if err := os.WriteFile(name, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the message: %w", err)
	}
	s.next++
	return nil
}
