package control

import (
	"time"

	"consilium/control/auth"
)

// limits say how often somebody may try to sign in. They are kept in memory: a restart
// gives the tries back, and nobody outside can cause one.
//
// Whoever guesses is stopped by the account's own bucket, however many addresses they come
// from. A device that the account was signed in with before has a bucket apart and passes
// the common ones by, so that the guessing does not lock the owner out. People who do not
// exist have buckets of the same size in tables of their own: made-up names cannot push a
// real account's bucket out, and the answers do not tell the two apart.
type limits struct {
	all     *auth.Throttle // every try of an unknown device
	address *auth.Throttle // of one network
	kinds   map[tryKind]pair
}

type pair struct{ known, unknown *auth.Throttle }

// tryKind is what is being tried.
type tryKind string

const (
	tryStart    tryKind = "start"
	tryPassword tryKind = "password"
	tryCode     tryKind = "code"    // that was sent
	tryApp      tryKind = "app"     // of an authenticator; recovery codes too
	trySend     tryKind = "send"    // a message to one address
	tryPasskey  tryKind = "passkey" // never limited by account: a key cannot be guessed
)

// newLimits sizes the buckets. The chance of guessing an account's code stays below
// 1 in 10,000 a day, whoever tries how often: 20 tries at once and 72 more in a day, each
// one in a million; of an authenticator's, of which three fit, 10 and 20.
func newLimits() *limits {
	const accounts, strangers = 100_000, 20_000
	both := func(burst int, every time.Duration) pair {
		return pair{auth.NewThrottle(burst, every, accounts), auth.NewThrottle(burst, every, strangers)}
	}
	return &limits{
		all:     auth.NewThrottle(1000, 50*time.Millisecond, 1),
		address: auth.NewThrottle(60, 2*time.Second, strangers),
		kinds: map[tryKind]pair{
			tryStart:    both(30, 10*time.Second),
			tryPassword: both(10, 5*time.Minute),
			tryCode:     both(20, 20*time.Minute),
			tryApp:      both(10, 72*time.Minute),
			trySend:     both(5, 3*time.Minute),
		},
	}
}

// who is tried: the accounts that a login can mean, or the login itself when it means none.
type tried struct {
	keys   []string // of accounts; those of a known device end with its hash
	login  string
	device bool // some account knows the device
}

// take spends a try, or says to slow down. It tells nobody apart who is there from who is not.
func (l *limits) take(kind tryKind, who tried, from string, now time.Time) error {
	if !who.device {
		if wait, ok := l.address.Take(from, now); !ok {
			return slowDown(wait)
		}
		if wait, ok := l.all.Take("", now); !ok {
			return slowDown(wait)
		}
	}
	both, ok := l.kinds[kind]
	if !ok {
		return nil
	}
	if len(who.keys) == 0 {
		if wait, ok := both.unknown.Take(who.login, now); !ok {
			return slowDown(wait)
		}
		return nil
	}
	for _, key := range who.keys {
		if wait, ok := both.known.Take(key, now); !ok {
			return slowDown(wait)
		}
	}
	return nil
}

func slowDown(wait time.Duration) error {
	e := fail(CodeSlowDown, "too many tries; wait a little")
	e.RetryAfter = max(wait, time.Second)
	return e
}
