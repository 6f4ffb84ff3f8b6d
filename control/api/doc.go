// Package api is the HTTP face of control: it decodes a request, asks control,
// and encodes the answer. It decides nothing about who may do what.
package api
