// Package web serves the browser application that is built into the binary; it knows
// nothing of clinics, rooms or media.
//
// The application has two entries, one for the clinic's staff and a light one for
// patients and their guests. Building the binary without having built the application
// first is allowed: the server then answers with a page that says how to get it.
package web
