package turn

import (
	"crypto/md5" //nolint:gosec // RFC 8489 §9.2.2 derives the key this way
	"encoding/binary"
	"net"
	"net/netip"

	"github.com/pion/stun/v4"
)

// Pion answers a refused ChannelBind with 401 and a refused RFC 6062 Allocate
// with 508, where RFC 8656 §12.2 has 403 and §7.2 has 442. A conn therefore
// remembers the request it handed over and corrects the code of the error
// that comes back for it. Both happen on the one goroutine that reads the
// conn, so a request needs no lock.

const (
	stunHeaderLen  = 20
	protocolTCP    = 6
	maxRequestLen  = 1600 // Pion's inbound buffer
	channelDataLen = 4    // ChannelData header
)

// request is what a conn remembers of the last STUN request it has read.
type request struct {
	id       [stun.TransactionIDSize]byte
	method   stun.Method
	username string
	overTCP  bool             // asks for an RFC 6062 allocation
	peers    []netip.AddrPort // XOR-PEER-ADDRESS attributes
	refused  bool             // the policy refused one of peers
}

// isRequest reports whether b starts like a STUN request.
func isRequest(b []byte) bool {
	return len(b) >= stunHeaderLen && b[0]&0xc0 == 0 && classOf(b) == stun.ClassRequest
}

// classOf reads the class bits of RFC 8489 §5 from a message's first bytes.
func classOf(b []byte) stun.MessageClass {
	return stun.MessageClass((b[0]&1)<<1 | (b[1]>>4)&1)
}

// parseRequest keeps what corrections and the policy need; ok is false for
// bytes that Pion will not understand either.
func parseRequest(b []byte) (r request, ok bool) {
	if !isRequest(b) {
		return request{}, false
	}
	msg := &stun.Message{Raw: append([]byte(nil), b...)}
	if msg.Decode() != nil {
		return request{}, false
	}
	r = request{id: msg.TransactionID, method: msg.Type.Method}
	if v, err := msg.Get(stun.AttrUsername); err == nil {
		r.username = string(v)
	}
	if v, err := msg.Get(stun.AttrRequestedTransport); err == nil && len(v) > 0 {
		r.overTCP = v[0] == protocolTCP
	}
	for _, a := range msg.Attributes {
		if a.Type != stun.AttrXORPeerAddress {
			continue
		}
		one := &stun.Message{TransactionID: msg.TransactionID, Attributes: stun.Attributes{a}}
		var x stun.XORMappedAddress
		if x.GetFromAs(one, stun.AttrXORPeerAddress) != nil {
			continue
		}
		if ip, ok := netip.AddrFromSlice(x.IP); ok {
			r.peers = append(r.peers, netip.AddrPortFrom(ip.Unmap(), uint16(x.Port))) //nolint:gosec // from 16 bits
		}
	}
	return r, true
}

// permitted reports whether policy lets this request name ip: with a port it
// allows. RFC 8656 leaves a permission's port out of account; with a media
// server of few ports there is no reason to.
func (r *request) permitted(p policy, ip net.IP) bool {
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	for _, peer := range r.peers {
		if peer.Addr() == addr.Unmap() && p.permits(peer) {
			return true
		}
	}
	return false
}

// correct returns the reply with the error code that the RFC asks for, or the
// reply as it is.
func (r *request) correct(reply []byte, m *mint, realm string) []byte {
	if r == nil || len(reply) < stunHeaderLen || reply[0]&0xc0 != 0 || classOf(reply) != stun.ClassErrorResponse {
		return reply
	}
	wrong, right := r.misnamed()
	if right == 0 || [stun.TransactionIDSize]byte(reply[8:stunHeaderLen]) != r.id {
		return reply
	}
	msg := &stun.Message{Raw: append([]byte(nil), reply...)}
	if msg.Decode() != nil || !msg.Contains(stun.AttrMessageIntegrity) {
		return reply
	}
	var code stun.ErrorCodeAttribute
	if code.GetFrom(msg) != nil || code.Code != wrong {
		return reply
	}
	fixed, err := stun.Build(
		&stun.Message{TransactionID: r.id},
		stun.NewType(r.method, stun.ClassErrorResponse),
		right,
		stun.MessageIntegrity(integrityKey(r.username, realm, m.password(r.username))),
	)
	if err != nil {
		return reply
	}
	return fixed.Raw
}

// misnamed returns the code Pion uses for this request's refusal and the one
// it should be; zeros when there is nothing to correct.
func (r *request) misnamed() (wrong, right stun.ErrorCode) {
	switch {
	case r.method == stun.MethodAllocate && r.overTCP:
		return stun.CodeInsufficientCapacity, stun.CodeUnsupportedTransProto
	case r.method == stun.MethodChannelBind && r.refused:
		return stun.CodeUnauthorized, stun.CodeForbidden
	}
	return 0, 0
}

// integrityKey is the long-term credential key of RFC 8489 §9.2.2.
func integrityKey(username, realm, password string) []byte {
	sum := md5.Sum([]byte(username + ":" + realm + ":" + password)) //nolint:gosec // see the import
	return sum[:]
}

// frameLen returns the length of the stream frame that starts with the four
// bytes of h (RFC 8656 §12.5: ChannelData is padded on streams), or false for
// bytes that start no frame.
func frameLen(h []byte) (int, bool) {
	length := int(binary.BigEndian.Uint16(h[2:4]))
	switch {
	case h[0]&0xc0 == 0:
		return stunHeaderLen + length, length%4 == 0
	case h[0] >= 0x40 && h[0] <= 0x4f:
		return channelDataLen + (length+3)&^3, true
	}
	return 0, false
}
