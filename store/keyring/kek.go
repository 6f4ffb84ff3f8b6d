package keyring

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"consilium/store"
	"consilium/store/internal/disk"
)

// KEK is the key-encryption key: 256 random bits that the operator keeps, in a
// file that belongs neither into the data folder nor into its backups.
type KEK struct{ secret wrapKey }

// kekPrefix begins the one line of a key file; the key follows in base64, then
// its ID, which tells a mistyped or cut key.
const kekPrefix = "consilium-key-1"

// NewKEK makes a random key.
func NewKEK() KEK {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: crypto/rand ends the process instead
	return KEK{secret: secret}
}

// ID names the key without telling anything about it.
func (k KEK) ID() string {
	sum := sha256.Sum256(append([]byte("consilium key id\x00"), k.secret...))
	return hex.EncodeToString(sum[:6])
}

// BackupKey returns the key that encrypts backups made under this KEK.
func (k KEK) BackupKey() (*store.DataKey, error) {
	base, err := store.NewDataKey("", 0, k.secret)
	if err != nil {
		return nil, err
	}
	secret, err := base.Derive("consilium backup", nil)
	if err != nil {
		return nil, err
	}
	return store.NewDataKey("backup", 0, secret)
}

// WriteKEK writes a key file, readable by its owner only. It never replaces one.
func WriteKEK(path string, k KEK) error {
	if err := writeKEK(path, k); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return nil
}

func writeKEK(path string, k KEK) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s %s\n", kekPrefix, base64.StdEncoding.EncodeToString(k.secret), k.ID())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return disk.SyncDir(filepath.Dir(path))
}

// ReadKEK reads a key file. One that isn't there or isn't whole is ErrKey.
func ReadKEK(path string) (KEK, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return KEK{}, fmt.Errorf("%w: there is no key file %s", store.ErrKey, path)
	}
	if err != nil {
		return KEK{}, fmt.Errorf("read key file: %w", err)
	}
	fields := strings.Fields(string(raw))
	if len(fields) != 3 || fields[0] != kekPrefix {
		return KEK{}, fmt.Errorf("%w: %s is not a key file", store.ErrKey, path)
	}
	secret, err := base64.StdEncoding.DecodeString(fields[1])
	k := KEK{secret: secret}
	if err != nil || len(secret) != 32 || k.ID() != fields[2] {
		return KEK{}, fmt.Errorf("%w: the key in %s is damaged", store.ErrKey, path)
	}
	return k, nil
}

// wrapKey wraps other keys, by AES-256-GCM. What is given as ad is authenticated
// with a wrapped key: it can't be passed off as another one.
type wrapKey []byte

func (k wrapKey) wrap(ad, secret []byte) ([]byte, error) {
	aead, err := store.NewAEAD(k)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, secret, ad), nil
}

func (k wrapKey) unwrap(ad, wrapped []byte) (wrapKey, error) {
	aead, err := store.NewAEAD(k)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, nil, wrapped, ad)
	if err != nil {
		return nil, fmt.Errorf("%w: a wrapped key", store.ErrCorrupt)
	}
	return secret, nil
}
