package configs

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/goccy/go-yaml"
)

// Example is the annotated configuration file. It holds every key with its default, and
// a test keeps it so.
//
//go:embed consilium.yaml
var Example string

// ErrInvalid marks every error that the operator mends by editing a setting.
var ErrInvalid = errors.New("invalid configuration")

// Config holds every setting of the server. Addresses are host:port; an empty host means
// every interface, and port 0 lets the system choose.
type Config struct {
	// PublicURL is scheme, host and port. Empty means the address that http.listen got,
	// with https when there is a certificate.
	PublicURL string `yaml:"publicUrl"`
	Data      string `yaml:"data"`
	// Keys is the folder of the keys that seal the data. Empty means beside the data
	// folder, with "-keys" at the end of its name.
	Keys string `yaml:"keys"`
	// Backups is the folder of the backups that the server makes by itself before an
	// upgrade changes the data. Empty means beside the data folder, with "-backups".
	Backups  string   `yaml:"backups"`
	HTTP     HTTP     `yaml:"http"`
	Media    Media    `yaml:"media"`
	TURN     TURN     `yaml:"turn"`
	Files    Files    `yaml:"files"`
	Audit    Audit    `yaml:"audit"`
	Log      Log      `yaml:"log"`
	Stop     Stop     `yaml:"stop"`
	Mail     Mail     `yaml:"mail"`
	SMS      SMS      `yaml:"sms"`
	Messages Messages `yaml:"messages"`
	Booking  Booking  `yaml:"booking"`
	LoadTest LoadTest `yaml:"loadtest"`
}

// HTTP is where pages, the API and the WebSocket are served.
type HTTP struct {
	Listen string `yaml:"listen"`
	// Cert and Key name PEM files. Both or neither; they are read again when they change.
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// TrustedProxies lists the networks whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trustedProxies"`
}

// Media is the SFU's one UDP port.
type Media struct {
	Listen string `yaml:"listen"`
	// Announce lists the addresses that browsers are told to send media to. Empty means
	// the addresses of this machine's interfaces.
	Announce []string `yaml:"announce"`
}

// TURN is the relay for browsers that cannot send UDP to the media port.
type TURN struct {
	Enabled bool   `yaml:"enabled"`
	UDP     string `yaml:"udp"`
	TCP     string `yaml:"tcp"`
	// Host is the name or address that browsers are told. Empty means publicUrl's host.
	Host string `yaml:"host"`
}

// Files is about the files that people send.
type Files struct {
	// Scanner is where clamd listens, unix:/path or tcp:host:port. Empty means none.
	Scanner string `yaml:"scanner"`
}

// Audit says where the ends of the audit trails are kept besides the data.
type Audit struct {
	// HeadFile is a file, or a folder, to which the ends are added. Empty means nowhere.
	HeadFile string `yaml:"headFile"`
}

// Log says how much is logged, and in which form.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Stop bounds the end of the process.
type Stop struct {
	// Grace is how long calls and requests may take to end after SIGTERM.
	Grace time.Duration `yaml:"grace"`
}

// LoadTest opens the door for the load tester.
type LoadTest struct {
	// Key, when set, lets whoever holds it make join grants for rooms whose id begins
	// with "loadtest-". At least 32 characters.
	Key string `yaml:"key"`
}

// Default returns the settings of a server that nobody has configured.
func Default() Config {
	return Config{
		Data:    "data",
		HTTP:    HTTP{Listen: "localhost:8080", TrustedProxies: []string{}},
		Media:   Media{Listen: ":7882", Announce: []string{}},
		TURN:    TURN{Enabled: true, UDP: ":3478", TCP: ":3478"},
		Log:     Log{Level: "info", Format: "text"},
		Stop:    Stop{Grace: 20 * time.Second},
		Mail:    Mail{Port: 587, Security: "starttls", Timeout: 20 * time.Second},
		SMS:     SMS{Headers: []string{}, Timeout: 20 * time.Second},
		Booking: Booking{Hold: 10 * time.Minute, Offer: 15 * time.Minute},
	}
}

// Load reads the file at name over the defaults, then the environment over both. An empty
// name skips the file. environ has the form of [os.Environ].
func Load(name string, environ []string) (Config, error) {
	cfg := Default()
	if name != "" {
		text, err := os.ReadFile(name)
		if err != nil {
			return Config{}, fmt.Errorf("read configuration: %w", err)
		}
		if err := parse(text, &cfg); err != nil {
			return Config{}, fmt.Errorf("%w: %s: %w", ErrInvalid, name, err)
		}
	}
	if err := applyEnv(&cfg, environ); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return cfg, nil
}

func parse(text []byte, cfg *Config) error {
	var document any
	if err := yaml.Unmarshal(text, &document); err == nil && document == nil {
		return nil // decoding a file of comments alone would empty the struct
	}
	// The library's messages already hold line, column and the offending key.
	return yaml.UnmarshalWithOptions(text, cfg, yaml.Strict())
}

// Validate names the first key whose value cannot work.
func (c Config) Validate() error {
	checks := []struct {
		key string
		err error
	}{
		{"publicUrl", checkURL(c.PublicURL)},
		{"data", required(c.Data)},
		{"http.listen", checkAddr(c.HTTP.Listen)},
		{"http.cert", pair(c.HTTP.Cert, c.HTTP.Key, "http.key")},
		{"http.key", pair(c.HTTP.Key, c.HTTP.Cert, "http.cert")},
		{"http.trustedProxies", checkNetworks(c.HTTP.TrustedProxies)},
		{"media.listen", checkAddr(c.Media.Listen)},
		{"media.announce", checkIPs(c.Media.Announce)},
		{"turn.udp", optionalAddr(c.TURN.UDP)},
		{"turn.tcp", optionalAddr(c.TURN.TCP)},
		{"turn.enabled", needsListener(c.TURN)},
		{"log.level", oneOf(c.Log.Level, "debug", "info", "warn", "error")},
		{"log.format", oneOf(c.Log.Format, "text", "json")},
		{"stop.grace", between(c.Stop.Grace, time.Second, 10*time.Minute)},
		{"loadtest.key", longEnough(c.LoadTest.Key)},
		{"mail.passwordFile", oneOfTwo(c.Mail.Password, c.Mail.PasswordFile, "mail.password")},
		{"mail.from", wants(c.Mail.Host, c.Mail.From)},
		{"mail.timeout", between(c.Mail.Timeout, time.Second, sendingTime)},
		{"booking.hold", between(c.Booking.Hold, time.Second, time.Hour)},
		{"booking.offer", between(c.Booking.Offer, time.Second, 24*time.Hour)},
		{"sms.body", wants(c.SMS.URL, c.SMS.Body)},
		{"sms.keyFile", oneOfTwo(c.SMS.Key, c.SMS.KeyFile, "sms.key")},
		{"sms.timeout", between(c.SMS.Timeout, time.Second, sendingTime)},
	}
	for _, check := range checks {
		if check.err != nil {
			return fmt.Errorf("%w: %s: %w", ErrInvalid, check.key, check.err)
		}
	}
	return nil
}

func checkURL(value string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is not an address like https://clinic.example", value)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q must be only scheme, host and port", value)
	}
	return nil
}

func checkAddr(value string) error {
	if _, _, err := net.SplitHostPort(value); err != nil {
		return fmt.Errorf("%q is not host:port", value)
	}
	return nil
}

func optionalAddr(value string) error {
	if value == "" {
		return nil
	}
	return checkAddr(value)
}

func needsListener(t TURN) error {
	if t.Enabled && t.UDP == "" && t.TCP == "" {
		return errors.New("needs turn.udp or turn.tcp")
	}
	return nil
}

func checkIPs(values []string) error {
	for _, value := range values {
		if _, err := netip.ParseAddr(value); err != nil {
			return fmt.Errorf("%q is not an IP address", value)
		}
	}
	return nil
}

// Proxies returns the networks of TrustedProxies; an address alone is a network of one.
func (h HTTP) Proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, value := range h.TrustedProxies {
		if at, err := netip.ParseAddr(value); err == nil {
			out = append(out, netip.PrefixFrom(at, at.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(value)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network like 10.0.0.0/8", value)
		}
		out = append(out, network.Masked())
	}
	return out, nil
}

func checkNetworks(values []string) error {
	_, err := HTTP{TrustedProxies: values}.Proxies()
	return err
}

func required(value string) error {
	if value == "" {
		return errors.New("must be set")
	}
	return nil
}

func pair(value, other, otherKey string) error {
	if value != "" && other == "" {
		return fmt.Errorf("needs %s too", otherKey)
	}
	return nil
}

func oneOf(value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%q is not one of %v", value, allowed)
}

func between(value, low, high time.Duration) error {
	if value < low || value > high {
		return fmt.Errorf("%s is not between %s and %s", value, low, high)
	}
	return nil
}

func longEnough(key string) error {
	if key != "" && len(key) < 32 {
		return errors.New("must have at least 32 characters")
	}
	return nil
}
