package configs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Fill returns the annotated file with other values: by key, like "http.listen".
// Only keys whose value is one text can be filled.
func Fill(values map[string]string) (string, error) {
	left := maps.Clone(values)
	var out strings.Builder
	section := ""
	for line := range strings.Lines(Example) {
		name, _, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(strings.TrimSpace(line), "#") {
			out.WriteString(line)
			continue
		}
		key, indent := strings.TrimSpace(name), ""
		if strings.HasPrefix(line, " ") {
			key, indent = section+"."+key, "  "
		} else {
			section = key
		}
		value, ok := left[key]
		if !ok {
			out.WriteString(line)
			continue
		}
		delete(left, key)
		fmt.Fprintf(&out, "%s%s: %s\n", indent, strings.TrimSpace(name), strconv.Quote(value))
	}
	if len(left) > 0 {
		return "", fmt.Errorf("unknown key %s", slices.Sorted(maps.Keys(left))[0])
	}
	return out.String(), nil
}
