package sfu

import (
	"fmt"
	"strings"
	"testing"
)

// TestNobodysAddressIsTold: what one person's browser is told holds the server's own
// address alone, whatever the others' offers held (T19).
func TestNobodysAddressIsTold(t *testing.T) {
	s := server(t)
	a := join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	until(t, "a sees b", a.hears("b", SourceCamera))
	own := fmt.Sprintf(" %s %d typ host", s.Addr().Addr(), s.Addr().Port())
	for name, c := range map[string]*client{"a": a, "b": b} {
		candidates := 0
		for line := range strings.Lines(c.pc.RemoteDescription().SDP) {
			if strings.HasPrefix(line, "a=candidate:") {
				candidates++
				if !strings.Contains(line, own) || strings.Contains(line, "raddr") {
					t.Errorf("%s was told %q", name, line)
				}
			}
		}
		if candidates == 0 {
			t.Errorf("%s was told no address", name)
		}
		if offered := c.pc.LocalDescription().SDP; !strings.Contains(offered, "a=candidate:") && !strings.Contains(offered, "a=ice-ufrag") {
			t.Errorf("%s offered nothing that could be told", name)
		}
	}
}
