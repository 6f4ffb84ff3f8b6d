// Package passkeytest is a device with passkeys in software, as tests need it: it answers
// as a browser with an authenticator would, and wrongly when told to.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// Device holds one passkey. Its exported fields are what a test may falsify.
type Device struct {
	Origin  string // of the page that asks
	RPID    string
	Counter uint32 // raised before each signature
	// Unverified leaves out that the owner showed themselves by finger or PIN.
	Unverified bool

	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
}

// New returns a device on whose browser a page of origin is open.
func New(origin, rpID string) *Device { return &Device{Origin: origin, RPID: rpID} }

// Clone is a copy of the device with the key in it.
func (d *Device) Clone() *Device {
	other := *d
	return &other
}

type creation struct {
	Challenge string `json:"challenge"`
	User      struct {
		ID string `json:"id"`
	} `json:"user"`
}

// Create answers the options of a registration with a new key.
func (d *Device) Create(options []byte) ([]byte, error) {
	var asked creation
	if err := json.Unmarshal(options, &asked); err != nil {
		return nil, fmt.Errorf("read options: %w", err)
	}
	var err error
	if d.handle, err = b64.DecodeString(asked.User.ID); err != nil {
		return nil, fmt.Errorf("read the handle: %w", err)
	}
	if d.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	d.id = make([]byte, 16)
	rand.Read(d.id)
	public, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return nil, fmt.Errorf("encode the key: %w", err)
	}

	data := d.authData(0x40) // attested credential data follows
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(data, d.id...)
	// COSE: kty EC2, alg ES256, crv P-256, x, y.
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32)
	data = append(data, public[1:33]...)
	data = append(data, 0x22, 0x58, 32)
	data = append(data, public[33:]...)

	object := []byte{0xa3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e', 0x67}
	object = append(object, "attStmt"...)
	object = append(object, 0xa0, 0x68)
	object = append(object, "authData"...)
	object = append(object, 0x59)
	object = binary.BigEndian.AppendUint16(object, uint16(len(data)))
	object = append(object, data...)

	client, err := d.clientData("webauthn.create", asked.Challenge)
	if err != nil {
		return nil, err
	}
	return d.answer(map[string]any{"clientDataJSON": b64.EncodeToString(client), "attestationObject": b64.EncodeToString(object)})
}

// Get answers the options of a sign-in with a signature.
func (d *Device) Get(options []byte) ([]byte, error) {
	if d.key == nil {
		return nil, errors.New("the device has no key")
	}
	var asked creation
	if err := json.Unmarshal(options, &asked); err != nil {
		return nil, fmt.Errorf("read options: %w", err)
	}
	client, err := d.clientData("webauthn.get", asked.Challenge)
	if err != nil {
		return nil, err
	}
	d.Counter++
	data := d.authData(0)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return d.answer(map[string]any{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(d.handle),
	})
}

var b64 = base64.RawURLEncoding

func (d *Device) authData(more byte) []byte {
	flags := more | 0x01 // somebody is there
	if !d.Unverified {
		flags |= 0x04
	}
	sum := sha256.Sum256([]byte(d.RPID))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.Counter)
}

func (d *Device) clientData(kind, challenge string) ([]byte, error) {
	out, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false})
	if err != nil {
		return nil, fmt.Errorf("encode client data: %w", err)
	}
	return out, nil
}

func (d *Device) answer(response map[string]any) ([]byte, error) {
	out, err := json.Marshal(map[string]any{
		"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return out, nil
}
