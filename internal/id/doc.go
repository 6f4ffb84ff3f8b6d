// Package id makes random identifiers and secrets; it knows nothing of what they name.
package id
