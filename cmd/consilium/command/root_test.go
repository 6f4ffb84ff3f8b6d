package command

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"consilium/configs"
)

func TestExitCodes(t *testing.T) {
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("htttp: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		code int
		say  string
	}{
		"help":               {[]string{"--help"}, exitOK, ""},
		"version":            {[]string{"version"}, exitOK, ""},
		"configuration":      {[]string{"config"}, exitOK, ""},
		"unknown flag":       {[]string{"serve", "--prot", "1"}, exitUsage, "--prot"},
		"argument too many":  {[]string{"serve", "now"}, exitUsage, "now"},
		"unknown key":        {[]string{"serve", "--config", wrong}, exitUsage, "htttp"},
		"check":              {[]string{"config", "--check", wrong}, exitUsage, "htttp"},
		"wrong value":        {[]string{"serve", "--media-listen", "everywhere"}, exitUsage, "media.listen"},
		"wrong type":         {[]string{"serve", "--turn-enabled", "maybe"}, exitUsage, "--turn-enabled"},
		"links without demo": {[]string{"serve", "--demo-links", "x"}, exitUsage, "--demo"},
		"missing file":       {[]string{"serve", "--config", wrong + "-not"}, exitFailure, "wrong.yaml-not"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := Main(test.args, &out, &errs); code != test.code {
				t.Errorf("exit code %d, want %d (%s)", code, test.code, errs.String())
			}
			if !strings.Contains(errs.String(), test.say) {
				t.Errorf("said %q, want it to name %q", errs.String(), test.say)
			}
		})
	}
}

func TestConfigPrintsWhatServeReads(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Main([]string{"config"}, &out, &errs); code != exitOK {
		t.Fatal(errs.String())
	}
	file := filepath.Join(t.TempDir(), "consilium.yaml")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := configs.Load(file, nil); err != nil {
		t.Error(err)
	}
}

func TestFlagsWinOverEnvironment(t *testing.T) {
	var opts serveOptions
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	opts.addFlags(flags)
	if err := flags.Parse([]string{"--http-listen", "127.0.0.1:3"}); err != nil {
		t.Fatal(err)
	}
	cfg, err := opts.load(flags, []string{"CONSILIUM_HTTP_LISTEN=127.0.0.1:2", "CONSILIUM_DATA=elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.HTTP.Listen != "127.0.0.1:3" || cfg.Data != "elsewhere" {
		t.Errorf("got %+v", cfg)
	}
}

func TestVersionAsJSON(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Main([]string{"version", "--json"}, &out, &errs); code != exitOK {
		t.Fatal(errs.String())
	}
	var v version
	if err := json.Unmarshal(out.Bytes(), &v); err != nil || v.Go == "" || v.Platform == "" {
		t.Errorf("got %s, %v", out.String(), err)
	}
}
