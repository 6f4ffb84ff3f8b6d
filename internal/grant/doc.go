// Package grant signs and redeems short-lived, single-use tickets that let a person open a live socket or enter a room; it doesn't decide who deserves one.
package grant
