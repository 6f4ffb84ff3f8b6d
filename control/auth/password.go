package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Password lengths in characters. There are no rules about kinds of characters: they make
// passwords harder to remember and not harder to guess (NIST SP 800-63B §3.1.1.2).
const (
	MinPassword = 10
	MaxPassword = 256
)

// Errors of passwords.
var (
	// ErrWeak: the password is too short, too long, or among the first to be guessed.
	ErrWeak = errors.New("password is too easy to guess")
	// ErrBusy: too many sign-ins at once; nothing was checked.
	ErrBusy = errors.New("too many sign-ins at once")

	errHash = errors.New("password hash is malformed")
)

// argon2id's cost after OWASP's password storage guide: 19 MiB, two passes, one lane.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonLanes   = 1
	argonKeyLen  = 32
	argonSaltLen = 16
)

// Hasher hashes passwords with argon2id, a bounded number at a time, so that a wave of
// sign-ins cannot take the memory that calls need. It is safe for concurrent use.
type Hasher struct {
	slots chan struct{}
	decoy string // looks like a hash and is none; checked for people who do not exist
}

// NewHasher returns a Hasher that works on at most parallel passwords at once, each with
// 19 MiB of memory.
func NewHasher(parallel int) *Hasher {
	salt, key := make([]byte, argonSaltLen), make([]byte, argonKeyLen)
	rand.Read(salt) // never fails: crypto/rand ends the process instead
	rand.Read(key)
	return &Hasher{slots: make(chan struct{}, max(parallel, 1)), decoy: encode(salt, key)}
}

// Hash returns the hash of a password in PHC form. It waits for its turn; when ctx ends
// before, the error is ErrBusy.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := make([]byte, argonSaltLen)
	rand.Read(salt)
	return encode(salt, derive(password, salt)), nil
}

// Verify reports whether password is the one behind hash. An empty hash, as for a person
// who does not exist, takes the same time and never fits. It waits for its turn; when ctx
// ends before, the error is ErrBusy.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	if utf8.RuneCountInString(password) > MaxPassword {
		password = "" // nobody has it; its hash costs what any costs
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	known := hash != ""
	if !known {
		hash = h.decoy
	}
	salt, want, err := decode(hash)
	if err != nil {
		return false, err
	}
	fits := subtle.ConstantTimeCompare(derive(password, salt), want) == 1
	return fits && known && password != "", nil
}

func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ErrBusy
	}
}

func (h *Hasher) leave() { <-h.slots }

func derive(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKeyLen)
}

// encode writes the PHC string format, which names the cost beside the hash.
func encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// decode reads what encode wrote. Hashes of another cost are refused: there are none yet,
// and a stored cost must not decide how much memory a sign-in takes.
func decode(hash string) (salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	cost := fmt.Sprintf("m=%d,t=%d,p=%d", argonMemory, argonTime, argonLanes)
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) || parts[3] != cost {
		return nil, nil, errHash
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) != argonSaltLen {
		return nil, nil, errHash
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) != argonKeyLen {
		return nil, nil, errHash
	}
	return salt, key, nil
}

// CheckPassword returns an error that wraps ErrWeak and says why, when nobody should use
// the password. personal holds what a guesser would try first about this person: their
// name, email address and clinic.
func CheckPassword(password string, personal ...string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return fmt.Errorf("%w: it is not text", ErrWeak)
	case length < MinPassword:
		return fmt.Errorf("%w: it has fewer than %d characters", ErrWeak, MinPassword)
	case length > MaxPassword:
		return fmt.Errorf("%w: it has more than %d characters", ErrWeak, MaxPassword)
	}
	lower := strings.ToLower(password)
	if repeats(lower) || sequential(lower) {
		return fmt.Errorf("%w: it repeats or counts", ErrWeak)
	}
	for _, guess := range commonPasswords {
		if trimDigits(lower) == guess || lower == guess {
			return fmt.Errorf("%w: it is one of the most common", ErrWeak)
		}
	}
	for _, value := range personal {
		for word := range strings.FieldsFuncSeq(strings.ToLower(value), separates) {
			if utf8.RuneCountInString(word) >= 4 && utf8.RuneCountInString(strings.ReplaceAll(lower, word, "")) < MinPassword/2 {
				return fmt.Errorf("%w: it is a name", ErrWeak)
			}
		}
	}
	return nil
}

// commonPasswords are stems of the passwords that lists of leaked ones begin with, also
// typed on a Russian keyboard. Digits at the end are cut off before the comparison.
var commonPasswords = []string{
	"password", "passw0rd", "p@ssw0rd", "qwertyuiop", "qwertyqwerty", "qwerty", "iloveyou", "administrator",
	"admin", "letmein", "welcome", "sunshine", "princess", "football", "changeme", "1q2w3e4r5t", "1qaz2wsx3edc",
	"zaq12wsx", "doctordoctor", "consilium", "hospital", "пароль", "парольпароль", "йцукен", "йцукенгшщз",
	"любовь", "привет", "доктор", "клиника", "больница",
}

func separates(r rune) bool { return strings.ContainsRune(" @.,-_+\"'«»", r) }

func trimDigits(s string) string { return strings.TrimRight(s, "0123456789!?.") }

// repeats reports whether s is a short piece over and over.
func repeats(s string) bool {
	runes := []rune(s)
	for period := 1; period <= 3; period++ {
		same := true
		for i := period; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-period]
		}
		if same {
			return true
		}
	}
	return false
}

// sequential reports whether s counts up or down all the way, as 1234567890 does.
func sequential(s string) bool {
	runes := []rune(s)
	up, down := true, true
	for i := 1; i < len(runes); i++ {
		step := runes[i] - runes[i-1]
		wrap := runes[i-1] == '9' && runes[i] == '0' || runes[i-1] == '0' && runes[i] == '9'
		up = up && (step == 1 || wrap)
		down = down && (step == -1 || wrap)
	}
	return up || down
}
