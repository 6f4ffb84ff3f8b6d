package sfu

import (
	"slices"
	"testing"
)

func TestAscending(t *testing.T) {
	for _, tc := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"a"}, []string{"a"}},
		{[]string{"q", "h", "f"}, []string{"q", "h", "f"}},
		{[]string{"f", "h", "q"}, []string{"q", "h", "f"}},
		{[]string{"h", "f"}, []string{"h", "f"}},
		{[]string{"f", "h"}, []string{"h", "f"}},
		{[]string{"hi", "mid", "lo"}, []string{"lo", "mid", "hi"}},
		{[]string{"0", "1", "2"}, []string{"0", "1", "2"}},
		{[]string{"2", "1", "0"}, []string{"0", "1", "2"}},
		{[]string{"x", "y"}, []string{"x", "y"}},
	} {
		if got := ascending(tc.in); !slices.Equal(got, tc.want) {
			t.Errorf("%v became %v, want %v", tc.in, got, tc.want)
		}
	}
}
