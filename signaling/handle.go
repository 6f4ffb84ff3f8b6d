package signaling

import (
	"context"
	"errors"
	"time"

	"consilium/internal/grant"
	"consilium/sfu"
)

// handle takes one message of the client: it decodes, checks the rate, and answers.
func (c *conn) handle(data []byte) {
	now := time.Now()
	req, id, err := DecodeRequest(data)
	if !c.messages.take(now) {
		c.strike()
		c.fail(id, refuse(CodeRate, "too many messages; slow down"))
		return
	}
	if err == nil && heavy(req) && !c.offers.take(now) {
		c.strike()
		err = refuse(CodeRate, "too many offers; slow down")
	}
	if err == nil {
		err = c.do(req, id)
	}
	if err != nil {
		c.fail(id, err)
	}
	if c.session == nil && c.hellos >= maxHellos {
		c.out.shut(CloseHello, "no valid hello", false)
	}
}

// heavy reports whether a request costs the media server real work.
func heavy(r Request) bool {
	switch r.(type) {
	case *Offer, *Join, *Keyframe:
		return true
	}
	return false
}

// fail answers a request with an error, or a message that is none.
func (c *conn) fail(id uint64, err error) {
	c.server.counters.errors.Add(1)
	if c.session == nil {
		c.hellos++
	}
	var r *refusal
	if !errors.As(err, &r) {
		c.server.log.Error("request failed", "err", err)
		r = &refusal{CodeInternal, "the server could not do this"}
	}
	c.send(encode(&Error{Head{Type: "error", ID: id}, r.code, r.text}))
}

func (c *conn) ok(id uint64) { c.send(encode(&OK{Head: Head{Type: "ok", ID: id}})) }

// do carries out a request. It answers it, or returns why not.
func (c *conn) do(req Request, id uint64) error {
	if h, ok := req.(*Hello); ok {
		return c.hello(h)
	}
	if c.session == nil {
		return refuse(CodeHelloFirst, "the first message is hello")
	}
	switch r := req.(type) {
	case *Ping, *Candidate:
		c.ok(id)
		return nil
	case *Join:
		return c.join(r)
	case *Leave:
		if m := c.session.joined(); m != nil {
			m.room.drop(m, "")
		}
		c.ok(id)
		return nil
	}
	m := c.session.joined()
	if m == nil {
		return refuse(CodeNotJoined, "join a room first")
	}
	switch r := req.(type) {
	case *Offer:
		answer, err := m.media.Offer(r.SDP, mediaTracks(r.Tracks))
		if err != nil {
			return mediaError(err)
		}
		c.send(encode(&Answer{Head{Type: "answer", ID: id}, answer}))
		return nil
	case *Mute:
		if err := m.media.SetMuted(sfu.Source(r.Source), r.Muted); err != nil {
			return mediaError(err)
		}
	case *View:
		m.media.SetView(r.Track, r.Height, r.Visible)
	case *Keyframe:
		m.media.RequestKeyframe(r.Track)
	case *PostChat:
		return c.post(m, r)
	}
	c.ok(id)
	return nil
}

// hello opens a session or takes one up again.
func (c *conn) hello(h *Hello) error {
	if c.session != nil {
		return refuse(CodeHelloTwice, "this socket has a session")
	}
	s := c.server
	if h.Resume != nil {
		sess := s.session(h.Resume.Session)
		if sess == nil {
			s.counters.resumeFailed.Add(1)
			return refuse(CodeResume, "the session can't be resumed; say hello with a grant")
		}
		old, ok := sess.resume(c, h.ID, *h.Resume)
		if !ok {
			s.counters.resumeFailed.Add(1)
			return refuse(CodeResume, "the session can't be resumed; say hello with a grant")
		}
		s.counters.resumed.Add(1)
		c.session = sess
		s.greeted(c)
		if old != nil {
			old.out.shut(CloseSuperseded, "resumed elsewhere", true)
		}
		return nil
	}
	g, err := c.redeem(h.Grant, grant.Live)
	if err != nil {
		return err
	}
	sess := newSession(s.cfg, g)
	if err := s.open(sess); err != nil {
		return err
	}
	// A sign-out that came between the two would have missed this session.
	if err := s.barred(g); err != nil {
		s.endSession(sess, "", CloseRevoked, "revoked")
		return err
	}
	c.session = sess
	s.greeted(c)
	sess.attach(c, h.ID)
	return nil
}

// redeem checks a grant's token, kind and that it still counts.
func (c *conn) redeem(token string, kind grant.Kind) (grant.Grant, error) {
	g, err := c.server.grants.Redeem(token)
	switch {
	case errors.Is(err, grant.ErrExpired):
		return g, refuse(CodeGrantExpired, "the grant has expired")
	case errors.Is(err, grant.ErrUsed):
		return g, refuse(CodeGrantUsed, "the grant was used before")
	case errors.Is(err, grant.ErrBusy):
		return g, refuse(CodeBusy, "too many grants are being redeemed")
	case err != nil:
		return g, refuse(CodeGrantInvalid, "the grant is not one of this server")
	case g.Kind != kind || g.Subject == "" || (kind == grant.Room && g.Room == ""):
		return g, refuse(CodeGrantKind, "the grant is not for this")
	}
	return g, c.server.barred(g)
}

// post stores a chat message, then acknowledges it, then tells the room.
func (c *conn) post(m *member, r *PostChat) error {
	s := c.server
	if len(r.Text) > s.cfg.ChatMax {
		return refuse(CodeInvalid, "text is too long")
	}
	m.room.entry.Lock()
	defer m.room.entry.Unlock()
	if !m.room.admitted(m.grant.Subject) {
		return refuse(CodeInLobby, "wait to be admitted")
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.cfg.ChatTimeout)
	defer cancel()
	msg, err := s.chat.Post(ctx, m.room.id, m.grant.Subject, r.ClientID, r.Text)
	switch {
	case errors.Is(err, ErrChatRefused):
		return refuse(CodeForbidden, "this message can't be posted")
	case err != nil:
		s.log.Error("chat message was not stored", "room", m.room.id, "err", err)
		return refuse(CodeUnavailable, "the message was not stored; send it again")
	}
	c.send(encode(&OK{Head: Head{Type: "ok", ID: r.ID}, Seq: msg.Seq, Message: msg.ID}))
	m.room.broadcast(msg)
	return nil
}

func mediaError(err error) error {
	switch {
	case errors.Is(err, sfu.ErrBadSDP):
		return refuse(CodeBadSDP, err.Error())
	case errors.Is(err, sfu.ErrNotAllowed):
		return refuse(CodeForbidden, "you may not send this")
	case errors.Is(err, sfu.ErrUnknownSource):
		return refuse(CodeUnknownTrack, "you don't send this source")
	case errors.Is(err, sfu.ErrRoomFull):
		return refuse(CodeRoomFull, "the room is full")
	case errors.Is(err, sfu.ErrClosed):
		return refuse(CodeNotJoined, "the media connection is gone; join again")
	}
	return err
}
