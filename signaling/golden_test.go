package signaling

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// golden reads the messages that are shared with the TypeScript client's tests.
func golden(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden messages (%v)", err)
	}
	out := make(map[string][]byte)
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".json")] = data
	}
	return out
}

// target makes the empty message that a golden file holds.
func target(name, kind string) any {
	if strings.HasPrefix(name, "request_") {
		if r := request(kind); r != nil {
			return r
		}
		return nil
	}
	return serverMessage(kind)
}

func TestGoldenMessages(t *testing.T) {
	for name, data := range golden(t) {
		t.Run(name, func(t *testing.T) {
			m := target(name, kindOf(t, data))
			if m == nil {
				t.Fatalf("type %q is not one of the protocol", kindOf(t, data))
			}
			d := json.NewDecoder(bytes.NewReader(data))
			d.DisallowUnknownFields()
			if err := d.Decode(m); err != nil {
				t.Fatal(err)
			}
			again := encode(m)
			if !sameJSON(t, data, again) {
				t.Errorf("encodes as %s", again)
			}
			if strings.HasPrefix(name, "request_") && name != "request_join" && name != "request_offer" {
				// Those two hold an abridged SDP.
				if _, _, err := DecodeRequest(data); err != nil {
					t.Errorf("the server refuses it: %v", err)
				}
			}
		})
	}
}

// TestGoldenIsComplete: every message type of the protocol has an example.
func TestGoldenIsComplete(t *testing.T) {
	seen := make(map[reflect.Type]bool)
	for name, data := range golden(t) {
		if m := target(name, kindOf(t, data)); m != nil {
			seen[reflect.TypeOf(m)] = true
		}
	}
	for _, kind := range requestTypes {
		if !seen[reflect.TypeOf(request(kind))] {
			t.Errorf("no golden request %s", kind)
		}
	}
	for _, kind := range serverTypes {
		if !seen[reflect.TypeOf(serverMessage(kind))] {
			t.Errorf("no golden message %s", kind)
		}
	}
}

var serverTypes = []string{
	"welcome", "joined", "answer", "ok", "error",
	"participant_joined", "participant_changed", "participant_left",
	"track_added", "track_changed", "track_removed", "slots", "negotiate", "admitted",
	"speakers", "layers", "media", "chat", "live", "removed", "room_closed", "going_away",
}

// TestProtocolDocument holds docs/protocol.md to the code: its examples decode, each
// golden message is among them, and each error and close code is explained.
func TestProtocolDocument(t *testing.T) {
	raw, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	var examples [][]byte
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(doc, -1) {
		for line := range strings.Lines(block[1]) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
				continue
			}
			examples = append(examples, []byte(line))
		}
	}
	for name, data := range golden(t) {
		found := false
		for _, e := range examples {
			found = found || sameJSON(t, data, e)
		}
		if !found {
			t.Errorf("the document lacks the example %s", name)
		}
	}
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Code = "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		if !strings.Contains(doc, "| `"+m[1]+"` |") {
			t.Errorf("the document doesn't explain the error %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`= (40\d\d)`).FindAllStringSubmatch(string(source), -1) {
		if !strings.Contains(doc, "| "+m[1]+" |") {
			t.Errorf("the document doesn't explain the close code %s", m[1])
		}
	}
}

func kindOf(t testing.TB, data []byte) string {
	t.Helper()
	var head struct{ Type string }
	if err := json.Unmarshal(data, &head); err != nil {
		t.Fatal(err)
	}
	return head.Type
}

func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// FuzzDecodeRequest: no message of a client makes the decoder panic, hang or hand out
// something that breaks the limits.
func FuzzDecodeRequest(f *testing.F) {
	for _, data := range golden(f) {
		f.Add(data)
	}
	f.Add([]byte(`{"type":"hello","id":18446744073709551615,"v":1,"resume":{"seq":18446744073709551615}}`))
	f.Add([]byte(`{"TYPE":"ping","Id":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, id, err := DecodeRequest(data)
		if err != nil {
			if _, ok := err.(*refusal); !ok {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if id == 0 || r.head().ID != id {
			t.Fatalf("id %d of %+v", id, r)
		}
		again, _, err := DecodeRequest(encode(r))
		if err != nil {
			t.Fatalf("%s was taken, but not what it is encoded as: %v", data, err)
		}
		if !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v became %+v", r, again)
		}
	})
}

// FuzzDecodeServer: the client's side of the same.
func FuzzDecodeServer(f *testing.F) {
	for _, data := range golden(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := DecodeServer(data)
		if err == nil && m == nil {
			t.Fatal("neither message nor error")
		}
	})
}
