// Package sdp reads a client's offer and writes the server's answer (RFC 9429,
// RFC 8829's successor); it decides nothing about rooms.
//
// [Parse] turns an offer into sections with the client's own payload types and
// extension numbers, which differ from client to client. [Negotiate] keeps what
// the server can use of a section. [Answer] is written from both. An offer that
// cannot be answered gives an [Error] that names the line.
package sdp
