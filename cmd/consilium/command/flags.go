package command

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"consilium/configs"
)

// configFlags are a command's flags that set keys of the configuration.
type configFlags struct {
	file string
	set  map[string]*string // by key
}

// flagName returns the flag of a key: http.listen is --http-listen, and publicUrl is
// --public-url.
func flagName(key string) string {
	var name strings.Builder
	for _, r := range key {
		switch {
		case r == '.':
			name.WriteByte('-')
		case unicode.IsUpper(r):
			name.WriteByte('-')
			name.WriteRune(unicode.ToLower(r))
		default:
			name.WriteRune(r)
		}
	}
	return name.String()
}

func (c *configFlags) addFlags(flags *pflag.FlagSet, keys ...string) {
	flags.StringVar(&c.file, "config", "", "configuration file (see consilium config)")
	c.set = map[string]*string{}
	for _, key := range keys {
		c.set[key] = flags.String(flagName(key), "", "sets "+key+" (environment: "+configs.EnvName(key)+")")
	}
}

// load reads file and environment, puts the flags that were given over them, and checks
// the result.
func (c *configFlags) load(flags *pflag.FlagSet, environ []string) (configs.Config, error) {
	cfg, err := configs.Load(c.file, environ)
	if err != nil {
		return configs.Config{}, err
	}
	for key, value := range c.set {
		if !flags.Changed(flagName(key)) {
			continue
		}
		if err := cfg.Set(key, *value); err != nil {
			return configs.Config{}, fmt.Errorf("%w: --%s: %w", errUsage, flagName(key), err)
		}
	}
	return cfg, cfg.Validate()
}
