// Package storetest is the suite that every engine of the store passes. It
// knows the interfaces only.
package storetest
