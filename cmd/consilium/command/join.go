package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"consilium/control"
	"consilium/signaling"
	"consilium/turn"
)

// This file joins signaling and control, which do not know each other: each end declares
// the interface it needs, and here one is dressed as the other.

// rooms gives control's orders to the live side.
type rooms struct {
	signal *signaling.Server
	relay  *turn.Server // nil when turned off
}

func (r rooms) Admit(room, identity string) error { return r.signal.Admit(room, identity) }
func (r rooms) RevokeSession(session string)      { r.signal.RevokeSession(session) }
func (r rooms) Evict(room, identity, reason string) {
	r.signal.Evict(room, identity, reason)
	r.endRelay(identity)
}

func (r rooms) PublishChat(room string, m control.Message) {
	r.signal.PublishChat(room, liveMessage(m))
}

func (r rooms) Publish(topic, kind, id string, version uint64) {
	r.signal.Publish(topic, kind, id, version)
}

func (r rooms) CloseRoom(room, reason string) {
	members := r.signal.Roster(room)
	r.signal.CloseRoom(room, reason)
	for _, m := range members {
		r.endRelay(m.Identity)
	}
}

// endRelay frees what the person held at the relay: it ends with the visit.
func (r rooms) endRelay(identity string) {
	if r.relay != nil {
		r.relay.Revoke(identity)
	}
}

// observer gives the live side's news to control.
type observer struct{ control *control.Control }

func (o observer) Joined(room, identity, role string, lobby bool) {
	o.control.Joined(room, identity, role, lobby)
}
func (o observer) Left(room, identity string)      { o.control.Left(room, identity) }
func (o observer) MediaLost(room, identity string) { o.control.MediaLost(room, identity) }
func (o observer) MediaBack(room, identity string) { o.control.MediaBack(room, identity) }

// chat keeps what people write to each other with control.
type chat struct{ control *control.Control }

func (c chat) Post(ctx context.Context, room, identity, clientID, text string) (signaling.Message, error) {
	m, err := c.control.PostChat(ctx, room, identity, clientID, text)
	if refused := (*control.Error)(nil); errors.As(err, &refused) && refused.Code != control.CodeInternal {
		return signaling.Message{}, fmt.Errorf("%w: %w", signaling.ErrChatRefused, err)
	}
	if err != nil {
		return signaling.Message{}, err
	}
	return liveMessage(m), nil
}

func (c chat) History(ctx context.Context, room, identity string) ([]signaling.Message, error) {
	if strings.HasPrefix(room, loadtestRooms) { // of no clinic: nothing is kept
		return nil, nil
	}
	kept, err := c.control.ChatHistory(ctx, room, identity)
	if err != nil {
		return nil, err
	}
	out := make([]signaling.Message, 0, len(kept))
	for _, m := range kept {
		out = append(out, liveMessage(m))
	}
	return out, nil
}

// iceServers returns the relay for one person, with credentials that live minutes.
func (a *app) iceServers(identity string) []control.ICEServer {
	if a.relay == nil {
		return nil
	}
	c := a.relay.Issue(identity)
	return []control.ICEServer{{URLs: c.URLs, Username: c.Username, Credential: c.Credential}}
}

// liveMessage is a kept message as the live side sends it.
func liveMessage(m control.Message) signaling.Message {
	out := signaling.Message{
		ID: m.ID, Seq: m.Seq, ClientID: m.ClientID, Sender: m.Sender, SenderName: m.SenderName, SenderRole: m.SenderRole,
		At: m.At, Text: m.Text,
	}
	if m.File != nil {
		out.File = &signaling.File{ID: m.File.ID, Name: m.File.Name, Mime: m.File.Mime, Size: m.File.Size}
	}
	return out
}
