package loadtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/coder/websocket"

	"consilium/internal/grant"
	"consilium/internal/id"
	"consilium/signaling"
)

// RoomPrefix begins the ids of all rooms the load tester opens: a server takes its
// key for no others.
const RoomPrefix = "loadtest-"

// Consilium is the door of a Consilium server. It signs its own grants with the
// key the server's operator has set as loadtest.key.
type Consilium struct {
	url  string
	keys *grant.Keeper
}

// NewConsilium returns the door of the server at base ("https://host" or
// "http://host:port").
func NewConsilium(base, key string) (*Consilium, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%w: %q is no address like https://host", ErrPlan, base)
	}
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	default:
		return nil, fmt.Errorf("%w: %q is no address like https://host", ErrPlan, base)
	}
	keys, err := grant.NewKeeperWithKey([]byte(key), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	return &Consilium{url: u.JoinPath("ws").String(), keys: keys}, nil
}

var _ Door = (*Consilium)(nil)

// Enter implements Door. The socket stays open until leave, as a client's does.
func (c *Consilium) Enter(ctx context.Context, who Who, offer string, tracks []Track) (string, func(context.Context) error, error) {
	s, err := c.dial(ctx)
	if err != nil {
		return "", nil, err
	}
	answer, err := s.enter(ctx, c, who, offer, tracks)
	if err != nil {
		s.cancel()
		_ = s.ws.CloseNow()
		s.done.Wait()
		return "", nil, err
	}
	return answer, s.leave, nil
}

// socket is one participant's WebSocket.
type socket struct {
	ws     *websocket.Conn
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan any // guarded by mu; nil when the socket has ended
	err     error               // guarded by mu
}

func (c *Consilium) dial(ctx context.Context) (*socket, error) {
	ws, _, err := websocket.Dial(ctx, c.url, &websocket.DialOptions{Subprotocols: []string{signaling.Subprotocol}})
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	ws.SetReadLimit(1 << 20)
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &socket{ws: ws, cancel: cancel, waiting: make(map[uint64]chan any)}
	s.done.Go(func() { s.read(life) })
	return s, nil
}

// read hands replies to who asked and drops events: a lean participant takes what
// comes on its slots.
func (s *socket) read(ctx context.Context) {
	for {
		_, data, err := s.ws.Read(ctx)
		if err != nil {
			s.mu.Lock()
			s.err = err
			for _, ch := range s.waiting {
				close(ch)
			}
			s.waiting = nil
			s.mu.Unlock()
			return
		}
		var head signaling.Head
		if json.Unmarshal(data, &head) != nil || head.ID == 0 {
			continue
		}
		m, err := signaling.DecodeServer(data)
		if err != nil {
			continue
		}
		s.mu.Lock()
		ch := s.waiting[head.ID]
		delete(s.waiting, head.ID)
		s.mu.Unlock()
		if ch != nil {
			ch <- m
		}
	}
}

func (s *socket) head(kind string) signaling.Head {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	return signaling.Head{Type: kind, ID: s.next}
}

// ask sends a request and waits for its reply.
func (s *socket) ask(ctx context.Context, id uint64, request any) (any, error) {
	ch := make(chan any, 1)
	s.mu.Lock()
	if s.waiting == nil {
		err := s.err
		s.mu.Unlock()
		return nil, err
	}
	s.waiting[id] = ch
	s.mu.Unlock()
	data, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	if err := s.ws.Write(ctx, websocket.MessageText, data); err != nil {
		return nil, fmt.Errorf("send request: %w", err)
	}
	select {
	case reply, ok := <-ch:
		if !ok {
			return nil, errors.New("the server has closed the socket")
		}
		if refused, bad := reply.(*signaling.Error); bad {
			return nil, fmt.Errorf("server refuses: %s: %s", refused.Code, refused.Message)
		}
		return reply, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *socket) enter(ctx context.Context, c *Consilium, who Who, offer string, tracks []Track) (string, error) {
	login := id.New()
	base := grant.Grant{
		Clinic: "loadtest", Subject: who.Identity, Session: login, Name: "Load test", Role: "guest", Publish: who.Publish,
	}
	live := base
	live.Kind, live.Publish = grant.Live, false
	room := base
	room.Kind, room.Room = grant.Room, who.Room
	liveToken, err := c.keys.Sign(live)
	if err != nil {
		return "", err
	}
	roomToken, err := c.keys.Sign(room)
	if err != nil {
		return "", err
	}
	hello := &signaling.Hello{Head: s.head("hello"), V: signaling.Version, Grant: liveToken}
	if _, err := s.ask(ctx, hello.ID, hello); err != nil {
		return "", fmt.Errorf("hello: %w", err)
	}
	join := &signaling.Join{Head: s.head("join"), Grant: roomToken, SDP: offer}
	for _, t := range tracks {
		join.Tracks = append(join.Tracks, signaling.TrackMeta{Mid: t.Mid, Source: t.Source})
	}
	reply, err := s.ask(ctx, join.ID, join)
	if err != nil {
		return "", fmt.Errorf("join: %w", err)
	}
	joined, ok := reply.(*signaling.Joined)
	if !ok {
		return "", fmt.Errorf("join: reply is %T", reply)
	}
	return joined.SDP, nil
}

func (s *socket) leave(ctx context.Context) error {
	leave := &signaling.Leave{Head: s.head("leave")}
	_, err := s.ask(ctx, leave.ID, leave)
	_ = s.ws.Close(websocket.StatusNormalClosure, "")
	s.cancel()
	s.done.Wait()
	if err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}

// patience bounds one entry.
const patience = 15 * time.Second
