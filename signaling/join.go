package signaling

import (
	"consilium/internal/grant"
	"consilium/sfu"
)

// join takes the client into its grant's room: the media server answers the offer, the
// others learn of it, and the joined reply says what is there. All that can be refused
// is checked before anything changes for the people who are in the room, an older
// presence of the same person included.
func (c *conn) join(j *Join) error {
	s, sess := c.server, c.session
	g, err := c.redeem(j.Grant, grant.Room)
	switch {
	case err != nil:
		return err
	case g.Clinic != sess.clinic || g.Subject != sess.subject || g.Session != sess.login:
		return refuse(CodeGrantPerson, "the grant is for somebody else")
	case j.Room != "" && j.Room != g.Room:
		return refuse(CodeGrantRoom, "the grant is for another room")
	}
	if m := sess.joined(); m != nil && m.room.id != g.Room {
		return refuse(CodeJoinedOther, "leave the other room first")
	}
	if j.SDP != "" {
		if err := s.media.CheckOffer(j.SDP, mediaTracks(j.Tracks), g.Publish); err != nil {
			return mediaError(err)
		}
	}
	r := s.claim(g.Room)
	defer s.release(r)
	r.entry.Lock()
	defer r.entry.Unlock()

	// Whoever was let in stays let in when they come again from a new page.
	m := newMember(r, sess, g, g.Lobby && !r.admitted(g.Subject))
	reply := &Joined{Head: Head{Type: "joined", ID: j.ID}, Tracks: []Track{}, Slots: []Slot{}, Chat: []Message{}}
	if err := c.connect(m, j, reply); err != nil {
		return err
	}
	if !m.lobby {
		reply.Chat = s.history(r.id, g.Subject)
	}
	old, err := r.enter(m, c, reply)
	if err != nil {
		sess.exit(m)
		m.abandon()
		return err
	}
	if old != nil {
		old.retire(sess)
	}
	s.tell(func(o Observer) { o.Joined(r.id, g.Subject, g.Role, reply.Lobby) })
	return nil
}

// connect joins m to the media server and answers its offer, if it has one.
func (c *conn) connect(m *member, j *Join, reply *Joined) error {
	media, err := c.server.media.Join(m.room.id, sfu.JoinOptions{
		Identity: m.grant.Subject, Lobby: m.lobby, Publish: m.grant.Publish, Events: m,
	})
	if err != nil {
		return mediaError(err)
	}
	m.media = media
	if j.SDP == "" {
		return nil
	}
	if reply.SDP, err = media.Offer(j.SDP, mediaTracks(j.Tracks)); err != nil {
		m.abandon()
		return mediaError(err)
	}
	return nil
}

// abandon gives up a join after the media server has taken it. An older presence of
// the same person had to give way there, so it ends too; its client joins again.
func (m *member) abandon() {
	m.bury(nil)
	m.media.Close()
	if old := m.room.member(m.grant.Subject); old != nil {
		m.room.drop(old, ReasonMedia)
	}
}

// retire ends an older presence whose place a newer join has taken. Its client is told
// unless it is the one that joined again.
func (m *member) retire(by *session) {
	var last []byte
	if m.session != by {
		last = encode(&Removed{EventHead{Type: "removed"}, ReasonReplaced})
	}
	alive := m.bury(last)
	m.session.exit(m)
	if alive {
		m.media.Close()
	}
}
