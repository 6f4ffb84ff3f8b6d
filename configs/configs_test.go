package configs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestExampleHoldsTheDefaults(t *testing.T) {
	var cfg Config
	if err := parse([]byte(Example), &cfg); err != nil {
		t.Fatal(err)
	}
	if want := Default(); !reflect.DeepEqual(cfg, want) {
		t.Errorf("consilium.yaml gives\n%+v\nthe defaults are\n%+v", cfg, want)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}

func TestLoadNamesWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		yaml string
		env  []string
		want string
	}{
		"unknown key":         {yaml: "htttp:\n  listen: x\n", want: "htttp"},
		"unknown nested key":  {yaml: "http:\n  lisen: x\n", want: "lisen"},
		"wrong type":          {yaml: "turn:\n  enabled: sometimes\n", want: "enabled"},
		"no YAML":             {yaml: "http: [\n", want: "consilium.yaml"},
		"unknown variable":    {env: []string{"CONSILIUM_HTTP_LISTENS=x"}, want: "CONSILIUM_HTTP_LISTENS"},
		"wrong duration":      {env: []string{"CONSILIUM_STOP_GRACE=soon"}, want: "CONSILIUM_STOP_GRACE"},
		"wrong address":       {yaml: "media:\n  listen: everywhere\n", want: "media.listen"},
		"path in public URL":  {yaml: "publicUrl: https://a.example/clinic\n", want: "publicUrl"},
		"certificate, no key": {yaml: "http:\n  cert: a.pem\n", want: "http.key"},
		"a proxy by name":     {yaml: "http:\n  trustedProxies: [proxy.example]\n", want: "http.trustedProxies"},
		"announce a name":     {env: []string{"CONSILIUM_MEDIA_ANNOUNCE=clinic.example"}, want: "media.announce"},
		"relay nowhere":       {yaml: "turn:\n  udp: \"\"\n  tcp: \"\"\n", want: "turn.enabled"},
		"short grace":         {yaml: "stop:\n  grace: 1ms\n", want: "stop.grace"},
		"short load-test key": {yaml: "loadtest:\n  key: abc\n", want: "loadtest.key"},
		"two passwords":       {env: []string{"CONSILIUM_MAIL_PASSWORD=x", "CONSILIUM_MAIL_PASSWORD_FILE=y"}, want: "mail.passwordFile"},
		"mail from nobody":    {yaml: "mail:\n  host: mail.example\n", want: "mail.from"},
		"mail port":           {env: []string{"CONSILIUM_MAIL_PORT=smtp"}, want: "CONSILIUM_MAIL_PORT"},
		"sms says nothing":    {yaml: "sms:\n  url: https://sms.example\n", want: "sms.body"},
		"endless sending":     {yaml: "sms:\n  timeout: 1h\n", want: "sms.timeout"},
		"holds for a day":     {yaml: "booking:\n  hold: 24h\n", want: "booking.hold"},
		"level":               {yaml: "log:\n  level: loud\n", want: "log.level"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "consilium.yaml")
			if err := os.WriteFile(file, []byte(test.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, err := Load(file, test.env)
			if err == nil {
				err = cfg.Validate()
			}
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an invalid configuration that names %q", err, test.want)
			}
		})
	}
}

func TestEnvironmentWinsOverFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "consilium.yaml")
	text := "http:\n  listen: 127.0.0.1:1\nstop:\n  grace: 5s\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(file, []string{"CONSILIUM_HTTP_LISTEN=127.0.0.1:2", "CONSILIUM_MEDIA_ANNOUNCE=192.0.2.1, 2001:db8::1", "HOME=/"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.HTTP.Listen != "127.0.0.1:2" || cfg.Stop.Grace != 5*time.Second || len(cfg.Media.Announce) != 2 {
		t.Errorf("got %+v", cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}

func TestFileWithoutKeysKeepsTheDefaults(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		cfg := Default()
		if err := parse([]byte(text), &cfg); err != nil || !reflect.DeepEqual(cfg, Default()) {
			t.Errorf("%q gave %+v, %v", text, cfg, err)
		}
	}
}

func TestEnvName(t *testing.T) {
	for key, want := range map[string]string{
		"publicUrl": "CONSILIUM_PUBLIC_URL", "http.listen": "CONSILIUM_HTTP_LISTEN", "loadtest.key": "CONSILIUM_LOADTEST_KEY",
	} {
		if got := EnvName(key); got != want {
			t.Errorf("EnvName(%q) = %q, want %q", key, got, want)
		}
	}
}
