package consilium_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// Names of tests on the security pages: package.TestName, and files of the browser's tests.
var (
	testName = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz|Benchmark)\\w+)`")
	testFile = regexp.MustCompile("`(e2e/tests/[\\w.]+)`")
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
)

// TestSecurityPageIsTrue: each test that the security pages name exists, and no attack of
// the list is missing.
func TestSecurityPageIsTrue(t *testing.T) {
	known := map[string]bool{}
	walk(t, func(name string) {
		if !strings.HasSuffix(name, "_test.go") {
			return
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pkg := path.Dir(name)
		if pkg == "." {
			pkg = "consilium"
		}
		for _, found := range testFunc.FindAllStringSubmatch(string(text), -1) {
			known[pkg+"."+found[1]] = true
		}
	})
	for _, page := range []string{"docs/security.md", "docs/asvs.md"} {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		named := testName.FindAllStringSubmatch(string(raw), -1)
		if len(named) < 50 {
			t.Errorf("%s names only %d tests", page, len(named))
		}
		for _, found := range named {
			if !known[found[1]+"."+found[2]] {
				t.Errorf("%s: there is no %s in %s", page, found[2], found[1])
			}
		}
		if page == "docs/security.md" {
			for n := 1; n <= 44; n++ {
				if row := fmt.Sprintf("| T%d |", n); strings.Count(string(raw), row) != 1 {
					t.Errorf("%s: want one row %q", page, row)
				}
			}
		}
		for _, found := range testFile.FindAllStringSubmatch(string(raw), -1) {
			if _, err := os.Stat(found[1]); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}
