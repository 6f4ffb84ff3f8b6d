// Package signaling speaks the WebSocket protocol of docs/protocol.md and drives rooms on clients' behalf; it doesn't decide who may do what.
package signaling
