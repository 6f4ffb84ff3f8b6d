package configs

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const envPrefix = "CONSILIUM_"

// EnvName returns the environment variable of a key: http.listen is
// CONSILIUM_HTTP_LISTEN, publicUrl is CONSILIUM_PUBLIC_URL.
func EnvName(key string) string {
	var name strings.Builder
	name.WriteString(envPrefix)
	for i, r := range key {
		switch {
		case r == '.':
			name.WriteByte('_')
		case unicode.IsUpper(r) && i > 0 && key[i-1] != '.':
			name.WriteByte('_')
			name.WriteRune(r)
		default:
			name.WriteRune(unicode.ToUpper(r))
		}
	}
	return name.String()
}

// Keys returns every key of the configuration in the order of the file.
func Keys() []string {
	var keys []string
	cfg := Default()
	fields(reflect.ValueOf(&cfg).Elem(), "", func(key string, _ reflect.Value) { keys = append(keys, key) })
	return keys
}

// Set gives one key the value that text stands for, as an environment variable or a flag
// has it. Lists are separated by commas.
func (c *Config) Set(key, text string) error {
	found := false
	var err error
	fields(reflect.ValueOf(c).Elem(), "", func(at string, field reflect.Value) {
		if at == key {
			found = true
			err = setField(field, text)
		}
	})
	if !found {
		return fmt.Errorf("unknown key %s", key)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

func applyEnv(cfg *Config, environ []string) error {
	byName := map[string]string{}
	for _, key := range Keys() {
		byName[EnvName(key)] = key
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) {
			continue
		}
		key, ok := byName[name]
		if !ok {
			return fmt.Errorf("unknown environment variable %s", name)
		}
		if err := cfg.Set(key, value); err != nil {
			return fmt.Errorf("environment variable %s: %w", name, err)
		}
	}
	return nil
}

// fields visits every leaf below a struct with its dotted key.
func fields(v reflect.Value, prefix string, visit func(key string, field reflect.Value)) {
	for i := range v.NumField() {
		key := prefix + v.Type().Field(i).Tag.Get("yaml")
		if field := v.Field(i); field.Kind() == reflect.Struct {
			fields(field, key+".", visit)
		} else {
			visit(key, field)
		}
	}
}

func setField(field reflect.Value, text string) error {
	switch field.Interface().(type) {
	case string:
		field.SetString(text)
	case bool:
		value, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		field.SetBool(value)
	case int:
		value, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		field.SetInt(int64(value))
	case time.Duration:
		value, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration like 20s", text)
		}
		field.SetInt(int64(value))
	case []string:
		list := []string{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		field.Set(reflect.ValueOf(list))
	default:
		return fmt.Errorf("keys of type %s cannot be set from text", field.Type())
	}
	return nil
}
