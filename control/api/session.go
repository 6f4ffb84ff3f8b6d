package api

func (s *server) sessionRoutes() {
	add(s, public, op("getConfig", get, "/config", "session", "What a page needs to know before sign-in"), s.getConfig)
	add(s, public, op("signInDemo", post, "/sessions/demo", "session", "Sign in by a demo link (demo mode only)"), s.signInDemo)
	add(s, public, op("signInVisit", post, "/sessions/visit", "session", "Sign in by a patient's link"), s.signInVisit)
	add(s, public, op("signInGuest", post, "/sessions/guest", "session", "Sign in by a guest's link"), s.signInGuest)
	add(s, signedIn, op("signOut", del, "/session", "session", "End the session"), s.signOut)
	add(s, signedIn, op("getMe", get, "/me", "session", "The viewer"), s.getMe)
	add(s, signedIn, op("updateMe", patch, "/me", "session", "Change the viewer's own settings"), s.updateMe)
	add(s, signedIn, op("openLive", post, "/live", "session", "A ticket for the viewer's live events"), s.openLive)
}

type signInInput struct{ Body SignIn }

type updateMeInput struct{ Body MeUpdate }

type signedOut struct {
	SetCookie     string `header:"Set-Cookie"`
	ClearSiteData string `header:"Clear-Site-Data"`
}
