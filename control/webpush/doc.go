// Package webpush wakes a browser that has no page of ours open: it seals a message for
// one device (RFC 8291), signs the request with the server's key (RFC 8292) and hands it
// to the device's push service (RFC 8030). It knows neither doctors nor the store.
package webpush
