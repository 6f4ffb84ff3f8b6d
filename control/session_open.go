package control

// openSession signs an account in. secret is the cookie's value, made beforehand:
// the transaction may run twice.
func (u *unit) openSession(a *Account, kind LinkKind, secret, agent string) (SignedIn, error) {
	session := Session{
		ID: SessionID(hashToken(secret)), Account: a.ID, Role: a.Role, Kind: kind, Device: deviceName(agent),
		Created: u.now, LastSeen: u.now, Expires: u.now.Add(u.cfg.SessionAbsolute),
	}
	if _, err := u.t.sessions.Put(u, u.scope, &session, 0); err != nil {
		return SignedIn{}, err
	}
	out := SignedIn{Token: secret, Expires: session.Expires, Actor: actorOf(ClinicID(u.scope), a, &session)}
	var err error
	if out.Actor, err = u.rights(out.Actor, &session); err != nil {
		return SignedIn{}, err
	}
	return out, u.record(AuditEvent{Actor: a.ID, Role: a.Role, Action: "session.start", Kind: "account", Object: string(a.ID), Note: string(kind)})
}
