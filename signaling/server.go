package signaling

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"consilium/internal/grant"
)

// Redeemer turns a token into the grant it stands for, once. *grant.Keeper is one.
type Redeemer interface {
	Redeem(token string) (grant.Grant, error)
}

var _ Redeemer = (*grant.Keeper)(nil)

// Observer hears who comes and goes, in order, from one goroutine of the server. It
// should not block for long: what it is told queues up meanwhile.
type Observer interface {
	// Joined tells that somebody has entered the room or its lobby, and again, with
	// lobby false, when they are admitted. A newer join of the same person repeats it.
	Joined(room, identity, role string, lobby bool)
	// Left tells that somebody is out of the room, for whatever reason.
	Left(room, identity string)
	// MediaLost and MediaBack tell about a member's media transport.
	MediaLost(room, identity string)
	MediaBack(room, identity string)
}

// Chat keeps the messages of rooms. It is called with a deadline.
type Chat interface {
	// Post stores a message and returns it as stored, once per identity and
	// clientID: a repeat returns the first message. It returns after the message is
	// durable. An error wrapping ErrChatRefused means that it may not be written.
	Post(ctx context.Context, room, identity, clientID, text string) (Message, error)
	// History returns the latest messages that this person may read, oldest first.
	History(ctx context.Context, room, identity string) ([]Message, error)
}

// Deps are what the server works with; all are required but Observer.
type Deps struct {
	Media    MediaServer
	Grants   Redeemer
	Chat     Chat
	Observer Observer
}

// Member is somebody in a room, as Roster lists them.
type Member struct {
	Identity string
	Name     string
	Role     string
	Lobby    bool
	Media    string // new, connected, disconnected or failed
}

// Server serves the WebSocket protocol. Its methods are safe for concurrent use.
type Server struct {
	// Static.
	cfg      Config
	media    MediaServer
	grants   Redeemer
	chat     Chat
	log      *slog.Logger
	counters counters
	bars     *bars
	news     *notifier
	ctx      context.Context // ends when sockets must go at once
	cancel   context.CancelFunc
	stop     chan struct{} // closed when Shutdown begins
	work     sync.WaitGroup
	janitor  sync.WaitGroup

	mu       sync.RWMutex // guards the following fields
	sessions map[string]*session
	topics   map[string]map[*session]struct{}
	rooms    map[string]*room
	conns    map[*conn]struct{}
	pending  int // conns without a session
	draining bool
}

// New returns a server that is ready to serve. The caller must Shutdown it.
func New(cfg Config, deps Deps, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("signaling: %w", err)
	}
	if deps.Media == nil || deps.Grants == nil || deps.Chat == nil {
		return nil, errors.New("signaling: media, grants and chat are required")
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		cfg:      cfg,
		media:    deps.Media,
		grants:   deps.Grants,
		chat:     deps.Chat,
		log:      log,
		bars:     newBars(),
		news:     newNotifier(deps.Observer, log),
		ctx:      ctx,
		cancel:   cancel,
		stop:     make(chan struct{}),
		sessions: make(map[string]*session),
		topics:   make(map[string]map[*session]struct{}),
		rooms:    make(map[string]*room),
		conns:    make(map[*conn]struct{}),
	}
	s.janitor.Go(s.sweep)
	return s, nil
}

// Admit lets somebody out of the room's lobby; it is done when it already was. It
// reads the chat's history, so it must not be called inside a store transaction.
// ErrNoMember says that they aren't there.
func (s *Server) Admit(room, identity string) error {
	r := s.lookup(room)
	if r == nil {
		return fmt.Errorf("admit: %w", ErrNoMember)
	}
	r.entry.Lock()
	defer r.entry.Unlock()
	m := r.member(identity)
	if m == nil {
		return fmt.Errorf("admit: %w", ErrNoMember)
	}
	if r.admitted(identity) {
		return nil
	}
	history := s.history(room, identity)
	m.media.Admit()
	if !r.admit(m, history) {
		return fmt.Errorf("admit: %w", ErrNoMember)
	}
	s.tell(func(o Observer) { o.Joined(room, identity, m.grant.Role, false) })
	return nil
}

// Evict puts somebody out of the room; grants for it that were signed for them before
// no longer count. The reason is told to their client: kicked or revoked.
func (s *Server) Evict(room, identity, reason string) {
	s.bars.add(barPerson(room, identity), time.Now())
	r := s.lookup(room)
	if r == nil {
		return
	}
	if m := r.member(identity); m != nil {
		r.drop(m, reason)
	}
}

// CloseRoom ends the room for everybody and tells them the reason, such as finished.
// Grants for it that were signed before no longer count.
func (s *Server) CloseRoom(room, reason string) {
	s.bars.add(barRoom(room), time.Now())
	r := s.lookup(room)
	if r == nil {
		return
	}
	last := encode(&RoomClosed{EventHead{Type: "room_closed"}, reason})
	for _, m := range r.everybody() {
		r.remove(m, last)
	}
	s.media.CloseRoom(room)
}

// PublishChat tells the room a message that came another way, such as a file that was
// uploaded. Call it after the message is stored. It waits for a join that is under way.
func (s *Server) PublishChat(room string, msg Message) {
	r := s.lookup(room)
	if r == nil {
		return
	}
	r.entry.Lock()
	defer r.entry.Unlock()
	r.broadcast(msg)
}

// Publish tells everybody who has the topic that a record has changed.
func (s *Server) Publish(topic, kind, id string, version uint64) {
	s.mu.RLock()
	subscribers := make([]*session, 0, len(s.topics[topic]))
	for sub := range s.topics[topic] {
		subscribers = append(subscribers, sub)
	}
	s.mu.RUnlock()
	event := encode(&Live{EventHead{Type: "live"}, topic, kind, id, version})
	for _, sub := range subscribers {
		sub.emit(event)
	}
}

// RevokeSession ends everything a login session has opened: its rooms are left and its
// sockets closed. Grants signed for it before no longer count.
func (s *Server) RevokeSession(login string) {
	s.bars.add(barLogin(login), time.Now())
	s.mu.RLock()
	var revoked []*session
	for _, sess := range s.sessions {
		if sess.login == login {
			revoked = append(revoked, sess)
		}
	}
	s.mu.RUnlock()
	for _, sess := range revoked {
		s.endSession(sess, ReasonRevoked, CloseRevoked, "revoked")
	}
}

// Roster lists who is in the room and its lobby, by identity.
func (s *Server) Roster(room string) []Member {
	r := s.lookup(room)
	if r == nil {
		return nil
	}
	return r.roster()
}

// Shutdown refuses new sockets, tells every client to come back later, closes the
// sockets, and returns when all of the server's goroutines have ended. When ctx ends
// first, sockets are cut; the error then is ctx's.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	first := !s.draining
	s.draining = true
	conns := slices.Collect(maps.Keys(s.conns))
	sessions := slices.Collect(maps.Values(s.sessions))
	s.mu.Unlock()
	if first {
		close(s.stop)
	}
	for _, sess := range sessions {
		// Spread over seconds, so that a restarted server isn't run over.
		after := 500 + rand.IntN(2500)
		sess.emit(encode(&GoingAway{EventHead{Type: "going_away"}, after}))
	}
	for _, c := range conns {
		c.out.shut(closeGoingAway, "the server is stopping", false)
	}
	done := make(chan struct{})
	go func() {
		s.work.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("shut down signaling: %w", ctx.Err())
	}
	s.cancel()
	<-done
	s.janitor.Wait()
	s.news.close()
	return err
}

// guarded runs f and keeps a panic of it from ending the process. What f was part of
// may be broken, so its caller ends that.
func (s *Server) guarded(what string, f func()) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			s.counters.panics.Add(1)
			s.log.Error("panic", "in", what, "panic", p, "stack", string(debug.Stack()))
			ok = false
		}
	}()
	f()
	return true
}

func (s *Server) tell(f func(Observer)) { s.news.add(f) }

// barred refuses a grant that was signed before its bearer, room or login ended.
func (s *Server) barred(g grant.Grant) error {
	switch {
	case s.bars.stands(barLogin(g.Session), g.Issued), s.bars.stands(barPerson(g.Room, g.Subject), g.Issued):
		return refuse(CodeRevoked, "access was withdrawn")
	case g.Room != "" && s.bars.stands(barRoom(g.Room), g.Issued):
		return refuse(CodeRoomClosed, "the room has ended")
	}
	return nil
}

// history reads the chat for a newcomer. A call matters more than its chat: when the
// store fails the newcomer starts with none.
func (s *Server) history(room, identity string) []Message {
	ctx, cancel := context.WithTimeout(s.ctx, s.cfg.ChatTimeout)
	defer cancel()
	msgs, err := s.chat.History(ctx, room, identity)
	if err != nil {
		s.log.Error("chat history is unavailable", "room", room, "err", err)
	}
	return latest(msgs, historyBytes)
}

// historyBytes bounds the chat in a joined reply or an admitted event, as JSON, well
// below what may wait for one socket.
const historyBytes = 256 << 10

// latest returns the last messages that take no more than limit bytes together.
func latest(msgs []Message, limit int) []Message {
	from := len(msgs)
	for from > 0 {
		limit -= len(encode(&msgs[from-1])) + 1
		if limit < 0 {
			break
		}
		from--
	}
	return append([]Message{}, msgs[from:]...)
}
