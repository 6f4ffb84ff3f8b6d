package control

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"consilium/internal/grant"
)

// liveKind is one kind of live message and whose pages may ever hear of it. Pages of the
// accountant hear nothing.
type liveKind struct {
	kind                          string
	clinic, doctor, patient, room bool // the desk and the administration; the room is a guest's
}

// liveKinds is the matrix of live messages. A kind without a row fails the tests, and so
// does one that is told to somebody whom its row does not name: in every test of this
// package, as testRooms looks.
func liveKinds() []liveKind {
	const yes, no = true, false
	return []liveKind{
		//              clinic doctor patient room
		{"appointment", yes, yes, yes, yes},
		{"encounter", yes, yes, yes, yes},
		{"message", no, yes, yes, yes},
		{"document", no, yes, yes, yes},
		{"composition", no, yes, no, no},
		{"card", no, yes, no, no},
		{"break_glass", yes, yes, yes, no},
		{"patient", yes, yes, yes, no},
		{"intake", no, yes, no, no},
		{"invitation", yes, yes, no, no},
		{"clinic", yes, no, no, no},
		{"staff", yes, no, no, no},
		{"practitioner", yes, yes, no, no},
		{"schedule", yes, yes, no, no},
		{"service", yes, no, no, no},
		{"questionnaire", yes, no, no, no},
		{"duty", yes, yes, no, no},
		{"emergency", yes, no, yes, no},
		{"offer", no, yes, no, no},
		{"wait", yes, no, yes, no},
	}
}

// mayHear says why a live message must not go to a topic, "" when it may.
func mayHear(topic, kind string) string {
	whose, id, ok := strings.Cut(topic, ":")
	if !ok || id == "" {
		return fmt.Sprintf("the topic %q is nobody's", topic)
	}
	for _, row := range liveKinds() {
		if row.kind != kind {
			continue
		}
		if map[string]bool{"clinic": row.clinic, "practitioner": row.doctor, "patient": row.patient, "encounter": row.room}[whose] {
			return ""
		}
		return fmt.Sprintf("live message %q is not for a %s", kind, whose)
	}
	return fmt.Sprintf("live message %q has no row in the matrix", kind)
}

// TestEveryLiveMessageHasARow reads the source for the kinds that are told.
func TestEveryLiveMessageHasARow(t *testing.T) {
	files, err := os.ReadDir(".")
	must(t, err)
	told := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, f.Name(), nil, 0)
		must(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if to, ok := call.Fun.(*ast.SelectorExpr); !ok || to.Sel.Name != "tell" {
				return true
			}
			kind, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: the kind of a live message is not written out", fset.Position(call.Pos()))
				return true
			}
			name, err := strconv.Unquote(kind.Value)
			must(t, err)
			told[name] = true
			return true
		})
	}
	for _, row := range liveKinds() {
		if !told[row.kind] {
			t.Errorf("nobody tells live messages %q", row.kind)
		}
		delete(told, row.kind)
	}
	for kind := range told {
		t.Errorf("live message %q has no row in the matrix", kind)
	}
}

// heard keeps the grants that are signed.
type heard struct{ last grant.Grant }

func (h *heard) Sign(g grant.Grant) (string, error) { h.last = g; return "x", nil }

// TestLiveTopicsOfEveryRole: what a page may follow is its own person's or, for the desk,
// its own clinic's, and nobody chooses it.
func TestLiveTopicsOfEveryRole(t *testing.T) {
	w := newWorld(t)
	grants := &heard{}
	w.grants = grants
	guest := Actor{Clinic: w.clinic(), Account: "g", Role: RoleGuest, Encounter: w.due.Encounter, Session: "s"}
	for name, c := range map[string]struct {
		who  Actor
		want []string
	}{
		"admin":      {w.actor("admin"), []string{"clinic:" + string(w.clinic())}},
		"registrar":  {w.actor("registrar"), []string{"clinic:" + string(w.clinic())}},
		"accountant": {w.actor("accountant"), nil},
		"doctor":     {w.actor("doctor"), []string{"practitioner:" + string(w.actor("doctor").Practitioner)}},
		"doctor2":    {w.actor("doctor2"), []string{"practitioner:" + string(w.actor("doctor2").Practitioner)}},
		"patient":    {w.actor("patient"), []string{"patient:" + string(w.actor("patient").Patient)}},
		"guest":      {guest, []string{"encounter:" + string(w.due.Encounter)}},
	} {
		_, err := w.Sessions.OpenLive(context.Background(), c.who)
		must(t, err)
		if !slices.Equal(grants.last.Topics, c.want) || grants.last.Clinic != string(w.clinic()) || grants.last.Subject != string(c.who.Account) {
			t.Errorf("%s follows %v, want %v", name, grants.last.Topics, c.want)
		}
	}
	system := w.actor("admin")
	system.Token, system.Scopes = "t", Scopes(strings.Join(ScopeNames(), " "))
	_, err := w.Sessions.OpenLive(context.Background(), system)
	wantCode(t, err, CodeDenied)
}
