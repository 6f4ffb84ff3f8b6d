// Package mailtest is a mail server for tests: it holds the SMTP conversation with a real
// client, takes mail only over an encrypted and signed-in connection, and keeps it.
package mailtest
