// Package ice is the server's half of interactive connectivity establishment
// (RFC 8445) with consent freshness (RFC 7675), as a value that is given
// messages and times and gives back messages; it owns no socket, no goroutine
// and no clock.
//
// The server is a full agent that is always controlled: the client nominates.
// It gathers nothing, for its one address is known, and it checks only
// addresses that have proved to know its password, so it cannot be turned
// against a third party. Every address a client is seen at is peer-reflexive,
// which makes relays, address moves and both IP families one case.
//
// An [Agent] goes: Handle a request → answer it → check back → nominated and
// checked → selected. A restart adds a second generation of credentials; the
// old path stays selected until one of the new generation is.
package ice
