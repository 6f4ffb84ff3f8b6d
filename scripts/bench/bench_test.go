package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"consilium/internal/loadtest"
)

func TestTableAndMarks(t *testing.T) {
	b := bench{duration: time.Second}
	add := func(server string, cpu ...float64) {
		for _, c := range cpu {
			b.results = append(b.results, result{Scenario: "s1-20", Server: server, Report: &loadtest.Report{Server: &loadtest.Server{CPUPerMillion: c}}})
		}
	}
	add("floor", 10, 30, 20)
	add("consilium", 25, 18, 22, 21)
	if got := b.ratio("s1-20"); got != 21.5/20 {
		t.Errorf("ratio %v", got)
	}
	if got := b.ratio("s2-30"); got != 0 {
		t.Errorf("ratio of nothing %v", got)
	}
	var out bytes.Buffer
	b.print(&out)
	if text := out.String(); !strings.Contains(text, "20.0 (10.0–30.0)") || !strings.Contains(text, "**1.07**") {
		t.Errorf("table:\n%s", text)
	}
	if err := b.check(); err != nil {
		t.Error(err)
	}
	add("consilium", 90, 91, 92, 93, 94)
	if err := b.check(); !errors.Is(err, errMark) || !strings.Contains(err.Error(), "s1-20") {
		t.Errorf("no complaint about four times the floor: %v", err)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{1, 2}, 1.5}, {[]float64{1, 2, 9}, 2}} {
		if got := median(c.v); got != c.want {
			t.Errorf("%v: %v, want %v", c.v, got, c.want)
		}
	}
}
