package control

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/internal/id"
	"consilium/store"
)

// maxChatText bounds one message, in characters.
const maxChatText = 4000

// Message is one chat message of an encounter. Seq counts from 1 without gaps.
type Message struct {
	ID         string
	Seq        uint64
	ClientID   string // the sender's own name for it: the same again is the same message
	Sender     string // identity
	SenderName string
	SenderRole string
	At         time.Time
	Text       string
	File       *File
}

// File is a message's attachment; its id is that of the document in the card.
type File struct {
	ID   string
	Name string
	Mime string
	Size int64
}

// chatMessage is a Message as it is stored.
type chatMessage struct {
	store.Revised
	Message
	Encounter EncounterID
	Patient   PatientID
}

// PostChat stores a text message of a person in a room. The same clientID of the
// same sender again returns the message that is there. It returns when the
// message is durable; telling the room is the caller's part.
func (c *Control) PostChat(ctx context.Context, room, identity, clientID, text string) (Message, error) {
	var out Message
	text = strings.TrimSpace(text)
	switch {
	case clientID == "" || len(clientID) > 64:
		return out, invalid("/clientId", "1 to 64 characters")
	case text == "" || utf8.RuneCountInString(text) > maxChatText || !utf8.ValidString(text):
		return out, invalid("/text", "1 to %d characters", maxChatText)
	}
	who, err := c.inRoom(ctx, room, identity)
	if err != nil {
		return out, err
	}
	if err := c.authorize(who, OpWriteChat); err != nil {
		return out, err
	}
	fresh := id.New()
	err = c.update(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(EncounterID(room))
		if err != nil {
			return err
		}
		if err := u.mayWriteChat(&e, &a); err != nil {
			return err
		}
		out, err = u.post(&e, Message{ID: fresh, ClientID: clientID, Text: text})
		return err
	})
	return out, err
}

// ChatHistory returns the last messages of a room for a person in it, oldest first.
func (c *Control) ChatHistory(ctx context.Context, room, identity string) ([]Message, error) {
	who, err := c.inRoom(ctx, room, identity)
	if err != nil {
		return nil, err
	}
	return c.Encounters.Messages(ctx, who, EncounterID(room), 0, 0)
}

// inRoom makes an actor of a person whom the live side let into a room.
func (c *Control) inRoom(ctx context.Context, room, identity string) (Actor, error) {
	clinic, err := c.clinicOf(ctx, room)
	if err != nil {
		return Actor{}, err
	}
	var out Actor
	err = c.view(ctx, System(clinic), func(u *unit) error {
		account, err := u.account(AccountID(identity))
		if err != nil {
			return err
		}
		if account.Closed {
			return fail(CodeDenied, "the invitation has ended")
		}
		out = actorOf(clinic, &account, &Session{})
		return nil
	})
	return out, err
}

// Messages returns an encounter's messages after a sequence number, oldest
// first, at most limit; after 0 and limit 0 return the last 100.
func (s *Encounters) Messages(ctx context.Context, who Actor, id EncounterID, after uint64, limit int) ([]Message, error) {
	if err := s.authorize(who, OpReadChat); err != nil {
		return nil, err
	}
	var out []Message
	err := s.view(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(id)
		if err != nil {
			return err
		}
		if err := u.mayReadChat(&e, &a); err != nil {
			return err
		}
		if after == 0 && limit == 0 {
			out, err = u.lastMessages(&e, 100)
			return err
		}
		out = nil
		k := store.Text(string(id))
		for m, err := range u.t.messages.Range(u, u.scope, u.t.bySeq, k.Number(int64(min(after, 1<<62)+1)), k.End()) {
			if err != nil {
				return err
			}
			if len(out) == limit {
				return nil
			}
			out = append(out, m.Message)
		}
		return nil
	})
	return out, err
}

// mayReadChat: the patient always; the doctor while the card is open to them; a
// guest once admitted and until the end.
func (u *unit) mayReadChat(e *Encounter, a *Appointment) error {
	switch u.who.partyTo(a) {
	case PartyPatient:
		return nil
	case PartyDoctor, PartyColleague:
		if a.Status == Booked || u.opens(a) {
			return nil
		}
		return accessClosed()
	case PartyGuest:
		if p := e.participant(u.who.Account); p != nil && p.Admitted && a.Status.Open() {
			return nil
		}
	}
	return fail(CodeDenied, "the chat belongs to those who take part")
}

// mayWriteChat: whoever was admitted, while the room is open.
func (u *unit) mayWriteChat(e *Encounter, a *Appointment) error {
	p := e.participant(u.who.Account)
	if p == nil || !p.Admitted {
		return fail(CodeDenied, "the chat begins once the doctor has admitted you")
	}
	switch a.Status {
	case Booked, Waiting, InProgress, Interrupted:
		return nil
	}
	return fail(CodeTransitionRefused, "the consultation is over")
}

// post appends a message of the unit's actor, or returns the one that the same
// clientID made before.
func (u *unit) post(e *Encounter, m Message) (Message, error) {
	key := store.Text(string(e.ID)).Text(string(u.who.Account)).Text(m.ClientID)
	known, _, err := u.t.messages.Find(u, u.scope, u.t.byClient, key)
	if err == nil {
		return known.Message, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return m, err
	}
	last, err := u.lastMessages(e, 1)
	if err != nil {
		return m, err
	}
	m.Seq = 1
	if len(last) == 1 {
		m.Seq = last[0].Seq + 1
	}
	p := e.participant(u.who.Account)
	m.Sender, m.SenderName, m.SenderRole = string(p.Account), p.Name, string(p.Role)
	m.At = u.now
	stored := chatMessage{Message: m, Encounter: e.ID, Patient: e.Patient}
	if _, err := u.t.messages.Put(u, u.scope, &stored, 0); err != nil {
		return m, err
	}
	u.tell("message", string(e.ID), m.Seq, u.privateTopicsOf(e)...)
	return m, nil
}

// lastMessages returns the newest n messages, oldest first.
func (u *unit) lastMessages(e *Encounter, n int) ([]Message, error) {
	k := store.Text(string(e.ID))
	var out []Message
	for m, err := range u.t.messages.RangeBack(u, u.scope, u.t.bySeq, k, k.End()) {
		if err != nil {
			return nil, err
		}
		out = append(out, m.Message)
		if len(out) == n {
			break
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out, nil
}
