package api

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write docs/openapi.json instead of comparing")

// TestOpenAPI holds docs/openapi.json to what the server serves. After a change
// run: go test ./control/api -run OpenAPI -update.
func TestOpenAPI(t *testing.T) {
	rec := newEmptySite(t).do("", "GET", "/api/v1/openapi.json", nil)
	if rec.Code != 200 {
		t.Fatalf("status %d", rec.Code)
	}
	file := filepath.Join("..", "..", "docs", "openapi.json")
	if *update {
		if err := os.WriteFile(file, rec.Body.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, rec.Body.Bytes()) {
		t.Error("docs/openapi.json is not what the server serves; run: go test ./control/api -run OpenAPI -update")
	}
}
