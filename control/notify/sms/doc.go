// Package sms sends text messages through an HTTP gateway, whose request the operator
// writes as a template, so that common gateways fit without code.
package sms
