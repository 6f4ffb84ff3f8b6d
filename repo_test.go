// Package consilium_test holds the rules of the house that a machine can check:
// who may import whom, where a library lives, how long a file may grow, and what
// no code outside cmd may do.
package consilium_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "consilium/"

// mayImport lists, per area, which of our own packages it may use. What is absent is
// forbidden. A pattern ending in /... covers everything below it and the package itself.
// The longest matching area governs a package.
var mayImport = map[string][]string{
	"cmd/consilium":         {"cmd/consilium/command"},
	"cmd/consilium/command": {"..."},
	"configs":               {},
	"control":               {"store", "internal/grant", "internal/id", "control/auth", "control/calendar", "control/ledger", "control/pay/...", "control/notify/...", "control/passkey", "control/record", "control/triage", "control/webpush"},
	"control/api":           {"control/...", "internal/id", "internal/grant", "store"},
	"control/auth":          {"internal/id"},
	"control/calendar":      {"internal/id"},
	"control/ledger":        {"internal/id"},
	"control/pay":           {"internal/id", "control/pay"},
	"control/notify":        {"internal/id", "control/notify"},
	"control/scan":          {},
	"control/passkey":       {},
	"control/record":        {"internal/id"},
	"control/triage":        {},
	"control/webpush":       {},
	"e2e":                   {"..."},
	"internal/grant":        {"internal/id"},
	"internal/id":           {},
	"internal/loadtest":     {"internal/...", "sfu/...", "signaling"},
	"scripts":               {"internal/...", "sfu/...", "signaling"},
	"sfu":                   {"sfu/internal/..."},
	"sfu/internal":          {"sfu/internal/..."},
	"signaling":             {"sfu", "internal/grant", "internal/id"},
	"store":                 {},
	"store/backup":          {"store", "store/blobfs", "store/bolt", "store/internal/...", "store/keyring"},
	"store/blobfs":          {"store", "store/internal/..."},
	"store/bolt":            {"store", "store/internal/disk"},
	"store/internal":        {"store"},
	"store/keyring":         {"store", "store/internal/disk"},
	"store/mem":             {"store"},
	"store/storetest":       {"store", "store/..."},
	"turn":                  {},
	"web":                   {},
}

// livesIn pens a library into its home; tests may use it anywhere, because a real peer
// is the best test.
var livesIn = map[string][]string{
	"go.etcd.io/bbolt":            {"store/bolt/"},
	"github.com/pion/turn/":       {"turn/"},
	"github.com/coder/websocket":  {"signaling/conn.go", "internal/loadtest/"},
	"github.com/spf13/cobra":      {"cmd/consilium/command/"},
	"github.com/pion/webrtc/":     {"internal/loadtest/", "e2e/"},
	"github.com/pion/dtls/":       {"sfu/", "internal/loadtest/", "scripts/bench/"},
	"github.com/pion/ice/":        {"sfu/", "internal/loadtest/", "scripts/bench/"},
	"github.com/pion/srtp/":       {"sfu/", "internal/loadtest/", "scripts/bench/"},
	"github.com/danielgtaylor/":   {"control/api/"},
	"github.com/boombuler/barcod": {"control/auth/"},
	"github.com/go-webauthn/":     {"control/passkey/"},
	"codeberg.org/go-pdf/fpdf":    {"control/record/"},
	"github.com/smallstep/pkcs7":  {"control/record/"},
	"github.com/wneessen/go-mail": {"control/notify/mail/"},
	"github.com/goccy/go-yaml":    {"configs/"},
	"github.com/prometheus/clien": {"cmd/consilium/command/"},
}

// maxLines is the length at which a file has certainly stopped being about one noun.
const maxLines = 600

type source struct {
	path string // slash-separated, from the repository's root
	file *ast.File
	fset *token.FileSet
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }
func (s source) dir() string  { return path.Dir(s.path) }

func walk(t *testing.T, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case ".git", "node_modules", "dist", "data", "bin", "results", "testdata":
				return filepath.SkipDir
			}
			return nil
		}
		visit(filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	fset := token.NewFileSet()
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatalf("parse %s: %v", name, err)
		}
		all = append(all, source{path: name, file: file, fset: fset})
	})
	if len(all) == 0 {
		t.Fatal("no Go source was found")
	}
	return all
}

// area returns the row of mayImport that governs a package.
func area(pkg string) (string, bool) {
	for at := pkg; at != "." && at != ""; at = path.Dir(at) {
		if _, ok := mayImport[at]; ok {
			return at, true
		}
	}
	return "", false
}

func matches(pattern, pkg string) bool {
	if base, ok := strings.CutSuffix(pattern, "..."); ok {
		base = strings.TrimSuffix(base, "/")
		return base == "" || pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pattern == pkg
}

func TestLayers(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || s.dir() == "." {
			continue
		}
		row, ok := area(s.dir())
		if !ok {
			t.Errorf("%s: package %s has no row in the import table", s.path, s.dir())
			continue
		}
		for _, spec := range s.file.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			own, ok := strings.CutPrefix(target, module)
			if !ok || own == s.dir() {
				continue
			}
			allowed := slices.ContainsFunc(mayImport[row], func(p string) bool { return matches(p, own) })
			if !allowed {
				t.Errorf("%s imports %s: not in the import table of %s", s.path, own, row)
			}
		}
	}
}

func TestLibrariesLiveInOnePlace(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		for _, spec := range s.file.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			for library, homes := range livesIn {
				if !strings.HasPrefix(target, library) {
					continue
				}
				if !slices.ContainsFunc(homes, func(h string) bool { return strings.HasPrefix(s.path, h) }) {
					t.Errorf("%s imports %s, whose home is %s", s.path, target, strings.Join(homes, ", "))
				}
			}
		}
	}
}

func TestEveryPackageHasOneComment(t *testing.T) {
	comments := map[string][]string{}
	for _, s := range sources(t) {
		if s.isTest() || s.dir() == "." {
			continue
		}
		name := s.dir()
		if _, seen := comments[name]; !seen {
			comments[name] = nil
		}
		if s.file.Doc == nil {
			continue
		}
		comments[name] = append(comments[name], s.path)
		text := s.file.Doc.Text()
		if s.file.Name.Name != "main" && !strings.HasPrefix(text, "Package "+s.file.Name.Name+" ") {
			t.Errorf("%s: the package comment should begin with %q", s.path, "Package "+s.file.Name.Name)
		}
	}
	for dir, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s: %d package comments, want one (%s)", dir, len(files), strings.Join(files, ", "))
		}
	}
}

func TestFilesStayShort(t *testing.T) {
	walk(t, func(name string) {
		if !slices.Contains([]string{".go", ".ts", ".tsx", ".css", ".mjs"}, path.Ext(name)) || strings.HasSuffix(name, "schema.d.ts") {
			return
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n > maxLines {
			t.Errorf("%s has %d lines, at most %d", name, n, maxLines)
		}
	})
}

// TestNothingEndsTheProcess keeps panics and exits in cmd: a server that carries calls
// returns errors.
func TestNothingEndsTheProcess(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || strings.HasPrefix(s.path, "cmd/") || strings.HasPrefix(s.path, "scripts/") || strings.HasPrefix(s.path, "store/storetest/") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch fn := call.Fun.(type) {
			case *ast.Ident:
				if fn.Name == "panic" {
					t.Errorf("%s: panic", s.fset.Position(fn.Pos()))
				}
			case *ast.SelectorExpr:
				pkg, ok := fn.X.(*ast.Ident)
				if ok && (pkg.Name == "os" && fn.Sel.Name == "Exit" || pkg.Name == "log" && strings.HasPrefix(fn.Sel.Name, "Fatal")) {
					t.Errorf("%s: %s.%s", s.fset.Position(fn.Pos()), pkg.Name, fn.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestNoInit: what a package needs is built by its constructor, in the order its caller
// chose.
func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: init function", s.fset.Position(fn.Pos()))
			}
		}
	}
}
