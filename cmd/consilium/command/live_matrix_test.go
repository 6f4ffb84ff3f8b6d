package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"consilium/control"
	"consilium/store"
)

// twoClinics runs the whole server with two demonstration clinics; links of the second
// begin with "foreign ".
func twoClinics(t *testing.T) (links map[string]string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	a, err := newApp(ctx, testConfig(t), true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	links = map[string]string{}
	clinics := store.NewCollection("clinic", func(c *control.Clinic) string { return string(c.ID) })
	for _, prefix := range []string{"", "foreign "} {
		err := a.storage.db.Update(ctx, func(tx store.Tx) error {
			for c, err := range clinics.List(tx, store.Global) {
				if err != nil {
					return err
				}
				c.Demo = false // so that the next is another
				if _, err := clinics.Put(tx, store.Global, &c, c.Rev); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		made, err := a.control.SeedDemo(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for who, link := range made.URLs(a.publicURL) {
			links[prefix+who] = link
		}
	}
	done := make(chan error, 1)
	go func() { done <- a.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	soon(t, "the server", func() bool { status, _ := fetch(t, base(t, links)+"/readyz"); return status == http.StatusOK })
	return links
}

// talker is somebody at the WebSocket.
type talker struct {
	t    *testing.T
	ws   *websocket.Conn
	said chan map[string]any
}

// talk opens a socket, and greets with a live ticket of the person, if there is one.
func talk(t *testing.T, root string, p *person) *talker {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, strings.Replace(root, "http", "ws", 1)+"/ws", &websocket.DialOptions{
		Subprotocols: []string{"consilium.v1"}, HTTPHeader: http.Header{"Origin": {root}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(1 << 20)
	c := &talker{t: t, ws: ws, said: make(chan map[string]any, 1000)}
	t.Cleanup(func() { _ = ws.CloseNow() })
	go func() {
		defer close(c.said)
		for {
			_, raw, err := ws.Read(context.Background())
			if err != nil {
				return
			}
			var m map[string]any
			if json.Unmarshal(raw, &m) == nil {
				c.said <- m
			}
		}
	}()
	if p == nil {
		return c
	}
	var live struct{ Grant string }
	p.do(http.MethodPost, "/live", nil, &live)
	if got := c.ask(fmt.Sprintf(`{"type":"hello","id":1,"v":1,"grant":%q}`, live.Grant), 1); got != "welcome" {
		t.Fatalf("hello: %s", got)
	}
	return c
}

// ask sends a message and returns the type of its answer, or the code of its refusal.
func (c *talker) ask(text string, id float64) string {
	c.t.Helper()
	if err := c.ws.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
	for wait := time.After(20 * time.Second); ; {
		select {
		case m, ok := <-c.said:
			switch {
			case !ok:
				return "closed"
			case m["id"] != id:
				continue
			case m["type"] == "error":
				return fmt.Sprint(m["code"])
			}
			return fmt.Sprint(m["type"])
		case <-wait:
			c.t.Fatalf("no answer to %s", text)
		}
	}
}

// ticket asks for the room of a visit, as far as the person may.
func (p *person) ticket(encounter string) string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+"/api/v1/encounters/"+encounter+"/join", bytes.NewReader(nil))
	if err != nil {
		p.t.Fatal(err)
	}
	r.AddCookie(p.cookie)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var out struct{ Grant string }
	if answer.StatusCode == http.StatusOK {
		if err := json.Unmarshal(raw, &out); err != nil {
			p.t.Fatal(err)
		}
	}
	return out.Grant
}

// liveRow is one message of the WebSocket, sent with the ids of the first clinic's visit by
// people who are not in its room.
type liveRow struct {
	kind string
	text string // {e} is the room; {g} a ticket of the sender's own: for their own room, or their live one
	want string // what everybody with a session is answered
}

// liveRows is the matrix of what clients send. A type of the protocol without a row fails
// the test. Nobody, who has not greeted, is refused everything.
func liveRows() []liveRow {
	return []liveRow{
		{"hello", `{"type":"hello","id":2,"v":1,"grant":"{g}"}`, "already_greeted"},
		{"join", `{"type":"join","id":3,"grant":"{g}","room":"{e}"}`, "grant_wrong_room grant_wrong_kind"},
		{"offer", `{"type":"offer","id":4,"sdp":"v=0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:x\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"}`, "not_joined"},
		{"mute", `{"type":"mute","id":5,"source":"microphone","muted":true}`, "not_joined"},
		{"view", `{"type":"view","id":6,"track":"{e}","height":90,"visible":false}`, "not_joined"},
		{"keyframe", `{"type":"keyframe","id":7,"track":"{e}"}`, "not_joined"},
		{"chat", `{"type":"chat","id":8,"clientId":"{e}","text":"from outside"}`, "not_joined"},
		{"candidate", `{"type":"candidate","id":9,"candidate":"{e}"}`, "ok"}, // taken and ignored
		{"leave", `{"type":"leave","id":10}`, "ok"},                          // of no room
		{"ping", `{"type":"ping","id":11}`, "ok"},
	}
}

// requestTypes reads the protocol's types of messages from clients out of the source.
func requestTypes(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "..", "signaling", "codec.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "request" {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			if clause, ok := n.(*ast.CaseClause); ok {
				for _, e := range clause.List {
					if name, err := strconv.Unquote(e.(*ast.BasicLit).Value); err == nil {
						out[name] = true
					}
				}
			}
			return true
		})
	}
	if len(out) < 10 {
		t.Fatalf("the protocol's types are %v", out)
	}
	return out
}

// TestEveryLiveMessageForEveryRole: the messages of the WebSocket, from every role and from
// another clinic, with the ids of a consultation that is not theirs, change nothing in it and
// nothing of it is heard. Also not when the stranger is in a room of their own.
func TestEveryLiveMessageForEveryRole(t *testing.T) {
	links := twoClinics(t)
	root := base(t, links)
	enter := func(who string) *person { return signIn(t, links, who) }
	room := func(p *person) string {
		var me struct{ Visit struct{ EncounterID string } }
		p.do(http.MethodGet, "/me", nil, &me)
		return me.Visit.EncounterID
	}
	doctor, patient := enter("doctor"), enter("patient")
	visit := room(patient)
	inside := map[string]*talker{}
	for name, p := range map[string]*person{"doctor": doctor, "patient": patient} {
		inside[name] = talk(t, root, p)
		if got := inside[name].ask(fmt.Sprintf(`{"type":"join","id":20,"grant":%q}`, p.ticket(visit)), 20); got != "joined" {
			t.Fatalf("%s joins: %s", name, got)
		}
	}
	settle := func() {
		for _, c := range inside { // what came before the pong has been heard
			if got := c.ask(`{"type":"ping","id":21}`, 21); got != "ok" {
				t.Fatal(got)
			}
			for len(c.said) > 0 {
				<-c.said
			}
		}
	}
	settle()

	types := requestTypes(t)
	for _, who := range []string{"nobody", "foreign admin", "foreign doctor", "foreign patient", "accountant", "patient2", "doctor2", "registrar", "admin"} {
		var p *person
		ticket := "none"
		if who != "nobody" {
			p = enter(who)
			if got := p.ticket(visit); got != "" {
				t.Errorf("%s has a ticket for the room", who)
			}
			if strings.HasSuffix(who, "patient") {
				ticket = p.ticket(room(p))
			} else {
				var live struct{ Grant string }
				p.do(http.MethodPost, "/live", nil, &live)
				ticket = live.Grant
			}
		}
		c := talk(t, root, p)
		fill := strings.NewReplacer("{e}", visit, "{g}", ticket)
		for i, row := range liveRows() {
			delete(types, row.kind)
			want := row.want
			switch {
			case who == "nobody" && row.kind == "hello":
				want = "grant_invalid"
			case who == "nobody":
				want = "hello_first closed" // a socket that goes on without a greeting is closed
			}
			if got := c.ask(fill.Replace(row.text), float64(i+2)); !strings.Contains(" "+want+" ", " "+got+" ") {
				t.Errorf("%s from %s: %s, want %s", row.kind, who, got, want)
			}
			if who == "nobody" { // each by itself
				c = talk(t, root, nil)
			}
		}
		if who != "foreign patient" {
			continue
		}
		// And from within a room of their own.
		if got := c.ask(fmt.Sprintf(`{"type":"join","id":30,"grant":%q}`, p.ticket(room(p))), 30); got != "joined" {
			t.Fatalf("the foreign patient joins their own room: %s", got)
		}
		for id, text := range map[float64]string{
			31: `{"type":"view","id":31,"track":"{e}","height":90,"visible":false}`, 32: `{"type":"keyframe","id":32,"track":"{e}"}`,
			33: `{"type":"chat","id":33,"clientId":"{e}","text":"from outside"}`, 34: `{"type":"join","id":34,"grant":"{g}","room":"{e}"}`,
		} {
			c.ask(fill.Replace(text), id)
		}
	}
	for kind := range types {
		t.Errorf("message %q of the protocol has no row in the matrix", kind)
	}
	for name, c := range inside {
		if got := c.ask(`{"type":"ping","id":22}`, 22); got != "ok" {
			t.Fatal(got)
		}
		if len(c.said) > 0 {
			t.Errorf("the %s in the room hears %v", name, <-c.said)
		}
	}
	var chat struct{ Items []any }
	doctor.do(http.MethodGet, "/encounters/"+visit+"/messages", nil, &chat)
	if len(chat.Items) != 0 {
		t.Errorf("the room's chat has %v", chat.Items)
	}
}
