package ice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pion/stun/v4"

	"consilium/sfu/internal/udp"
)

// Errors of Handle; each means the message was not acted upon.
var (
	ErrMalformed    = errors.New("malformed stun message")
	ErrUnauthorized = errors.New("wrong ice credentials")
	ErrUnexpected   = errors.New("stun response to no request")
	ErrRole         = errors.New("ice role conflict")
)

// Datagram is a message to send.
type Datagram struct {
	To   udp.Addr
	Data []byte
}

// LocalUfrag returns the receiver's user fragment in a binding request, the
// part of USERNAME before the colon. It allocates nothing and trusts nothing.
func LocalUfrag(p []byte) (ufrag []byte, ok bool) {
	const header, username = 20, 0x0006
	if len(p) < header || binary.BigEndian.Uint16(p) != 0x0001 {
		return nil, false
	}
	for p = p[header:]; len(p) >= 4; {
		n := int(binary.BigEndian.Uint16(p[2:]))
		if len(p) < 4+n {
			return nil, false
		}
		if binary.BigEndian.Uint16(p) == username {
			ufrag, _, ok = bytes.Cut(p[4:4+n], []byte{':'})
			return ufrag, ok
		}
		n = (n + 3) &^ 3
		if len(p) < 4+n {
			return nil, false
		}
		p = p[4+n:]
	}
	return nil, false
}

// IsRequest reports whether a STUN message is a request.
func IsRequest(p []byte) bool {
	return len(p) >= 2 && binary.BigEndian.Uint16(p)&0x0110 == 0
}

// decode parses a message and checks its fingerprint, which ICE requires.
func decode(p []byte, m *stun.Message) error {
	if err := stun.Decode(p, m); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if m.Type.Method != stun.MethodBinding {
		return fmt.Errorf("%w: method %v", ErrMalformed, m.Type.Method)
	}
	if m.Type.Class == stun.ClassIndication {
		return nil
	}
	if err := stun.Fingerprint.Check(m); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// unknown lists the attributes of a request that it must not be acted on
// without understanding (types below 0x8000).
func unknown(m *stun.Message) stun.UnknownAttributes {
	var u stun.UnknownAttributes
	for _, a := range m.Attributes {
		switch a.Type {
		case stun.AttrUsername, stun.AttrMessageIntegrity, stun.AttrPriority, stun.AttrUseCandidate, stun.AttrXORMappedAddress:
		default:
			if a.Type < 0x8000 {
				u = append(u, a.Type)
			}
		}
	}
	return u
}

// respond builds a success response to a request from an address.
func respond(m *stun.Message, to udp.Addr, pwd string) ([]byte, error) {
	ip := to.IP[:]
	if to.Is4() {
		ip = to.IP[12:]
	}
	r, err := stun.Build(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess,
		&stun.XORMappedAddress{IP: ip, Port: int(to.Port)}, stun.NewShortTermIntegrity(pwd), stun.Fingerprint)
	if err != nil {
		return nil, fmt.Errorf("build stun response: %w", err)
	}
	return r.Raw, nil
}

// refuse builds an error response.
func refuse(m *stun.Message, code stun.ErrorCode, pwd string, more ...stun.Setter) ([]byte, error) {
	set := append([]stun.Setter{stun.NewTransactionIDSetter(m.TransactionID), stun.BindingError, code}, more...)
	r, err := stun.Build(append(set, stun.NewShortTermIntegrity(pwd), stun.Fingerprint)...)
	if err != nil {
		return nil, fmt.Errorf("build stun error: %w", err)
	}
	return r.Raw, nil
}

// request builds a check of the controlled side.
func request(id [stun.TransactionIDSize]byte, from, to Credentials) ([]byte, error) {
	r, err := stun.Build(stun.NewTransactionIDSetter(id), stun.BindingRequest,
		stun.NewUsername(to.Ufrag+":"+from.Ufrag), controlled(tieBreaker), priority(prflxPriority),
		stun.NewShortTermIntegrity(to.Pwd), stun.Fingerprint)
	if err != nil {
		return nil, fmt.Errorf("build stun request: %w", err)
	}
	return r.Raw, nil
}

// tieBreaker is the lowest there is: in a role conflict the peer always wins
// the argument about who yields, and becomes controlling (RFC 8445 §7.3.1.1).
const tieBreaker = 0

// prflxPriority is the priority of a peer-reflexive candidate with the highest
// local preference (RFC 8445 §5.1.2.1).
const prflxPriority = 110<<24 | 65535<<8 | 255

type (
	controlled uint64
	priority   uint32
)

func (c controlled) AddTo(m *stun.Message) error {
	m.Add(stun.AttrICEControlled, binary.BigEndian.AppendUint64(nil, uint64(c)))
	return nil
}

func (p priority) AddTo(m *stun.Message) error {
	m.Add(stun.AttrPriority, binary.BigEndian.AppendUint32(nil, uint32(p)))
	return nil
}
