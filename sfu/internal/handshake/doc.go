// Package handshake agrees on SRTP keys with a client by DTLS (RFC 5764), the
// server being the passive side, over datagrams somebody else carries.
//
// A [Session] lives from the client's first datagram until shortly after the
// handshake: long enough to repeat its last flight. After that nothing of it
// remains but the keys; it costs an established transport neither a goroutine
// nor memory.
package handshake
