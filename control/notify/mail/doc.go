// Package mail sends messages over SMTP, encrypted, with the operator's account. It knows
// nothing of what the messages say.
package mail
