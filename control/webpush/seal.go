package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxMessage bounds a message in bytes: push services take 4,096 with all that is added.
const MaxMessage = 3000

// recordSize is the one record that a message is (RFC 8188, section 2.1).
const recordSize = 4096

// Device is where a browser wants to be woken, as its page got it from PushManager.
type Device struct {
	Endpoint string
	Key      []byte // p256dh: an uncompressed point of P-256
	Auth     []byte // 16 random bytes of the browser
}

// Check says what is wrong with a device's keys.
func (d *Device) Check() error {
	if _, err := ecdh.P256().NewPublicKey(d.Key); err != nil {
		return fmt.Errorf("p256dh: %w", err)
	}
	if len(d.Auth) != 16 {
		return errors.New("auth: want 16 bytes")
	}
	return nil
}

// seal encrypts a message for the device: one aes128gcm record (RFC 8291, section 4).
func seal(d *Device, message []byte) ([]byte, error) {
	if len(message) > MaxMessage {
		return nil, fmt.Errorf("a message of %d bytes, at most %d", len(message), MaxMessage)
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	theirs, err := ecdh.P256().NewPublicKey(d.Key)
	if err != nil {
		return nil, fmt.Errorf("p256dh: %w", err)
	}
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for the message: %w", err)
	}
	shared, err := ours.ECDH(theirs)
	if err != nil {
		return nil, fmt.Errorf("agree on a key: %w", err)
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	key, nonce, err := derive(shared, d.Auth, salt, d.Key, ours.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("message key: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("message key: %w", err)
	}
	// Header: salt, record size, length of the key id, which is our public key.
	out := append([]byte{}, salt...)
	out = binary.BigEndian.AppendUint32(out, recordSize)
	id := ours.PublicKey().Bytes()
	out = append(out, byte(len(id)))
	out = append(out, id...)
	// 2 ends the last record (RFC 8188, section 2).
	plain := append(append([]byte{}, message...), 2)
	return gcm.Seal(out, nonce, plain, nil), nil
}

// derive makes the message's key and nonce of what both sides know (RFC 8291, 3.4).
func derive(shared, auth, salt, theirs, ours []byte) (key, nonce []byte, err error) {
	info := "WebPush: info\x00" + string(theirs) + string(ours)
	ikm, err := hkdf.Key(sha256.New, shared, auth, info, 32)
	if err != nil {
		return nil, nil, fmt.Errorf("derive: %w", err)
	}
	if key, err = hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16); err != nil {
		return nil, nil, fmt.Errorf("derive: %w", err)
	}
	if nonce, err = hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12); err != nil {
		return nil, nil, fmt.Errorf("derive: %w", err)
	}
	return key, nonce, nil
}
