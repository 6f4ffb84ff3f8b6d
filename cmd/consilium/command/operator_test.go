package command

import (
	"encoding/json"
	"testing"
)

// TestOperatorsCommandsOnControl runs the same commands through a running server and on
// the folder, and wants the same answers.
func TestOperatorsCommandsOnControl(t *testing.T) {
	cfg := testConfig(t)
	_, stop := startServe(t, cfg)
	list := func() clinicLines {
		var v clinicLines
		if err := json.Unmarshal([]byte(call(t, exitOK, "clinic", "list", "--json", "--data", cfg.Data)), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	check := func(when string) clinicLines {
		call(t, exitOK, "audit", "verify", "--data", cfg.Data)
		call(t, exitUsage, "audit", "verify", "--data", cfg.Data, "--clinic", "elsewhere")
		v := list()
		if len(v.Clinics) != 1 || v.Clinics[0].Name == "" {
			t.Errorf("%s: clinics %+v", when, v)
		}
		return v
	}
	running := check("through the server")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if stopped := check("on the folder"); stopped.Clinics[0] != running.Clinics[0] {
		t.Errorf("%+v through the server, %+v on the folder", running, stopped)
	}
	call(t, exitFailure, "clinic", "list", "--data", testConfig(t).Data)
}
