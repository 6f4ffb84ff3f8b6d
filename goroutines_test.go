package consilium_test

import (
	"go/ast"
	"testing"
)

// goroutines says, for each file that starts some, how many places do and what keeps a
// panic there from ending the process and all its calls. A new place needs a word here.
var goroutines = map[string]struct {
	places int
	why    string
}{
	"cmd/consilium/command/app.go":      {5, "each waits, recovers, or serves what guards each request"},
	"control/courier.go":                {1, "guarded"},
	"control/push.go":                   {1, "each push is guarded"},
	"control/run.go":                    {8, "each turn of a loop is guarded, and each push"},
	"sfu/sfu.go":                        {3, "survive, by packet, by room and by told event"},
	"sfu/internal/handshake/session.go": {1, "recovers, and tells that there are no keys"},
	"signaling/conn.go":                 {2, "guarded"},
	"signaling/notifier.go":             {1, "recovers for each thing told"},
	"signaling/server.go":               {2, "waits and closes a channel; forgets what has timed out, without calling out"},
	"store/bolt/bolt.go":                {1, "callers' functions run on the callers' goroutines"},
	"store/keyring/ring.go":             {1, "runs only the ring's own transactions, whose panic would mean damage to the keys"},
}

// TestGoroutinesAreGuarded: a panic in any goroutine ends a Go process, so every place
// that starts one is known.
func TestGoroutinesAreGuarded(t *testing.T) {
	found := map[string]int{}
	for _, s := range sources(t) {
		row, _ := area(s.dir())
		if s.isTest() || row == "internal/loadtest" || row == "scripts" || row == "store/storetest" || s.dir() == "control/notify/mail/mailtest" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found[s.path]++
			case *ast.CallExpr:
				if fn, ok := n.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "Go" && len(n.Args) == 1 {
					found[s.path]++
				}
			}
			return true
		})
	}
	for path, n := range found {
		if goroutines[path].places != n {
			t.Errorf("%s starts goroutines in %d places, the table knows %d", path, n, goroutines[path].places)
		}
	}
	for path := range goroutines {
		if found[path] == 0 {
			t.Errorf("%s starts no goroutine any more", path)
		}
	}
}
