// Package command holds the program's commands, a file each, and the one place where the
// parts are joined (app.go). It knows every part; no part knows it.
package command
