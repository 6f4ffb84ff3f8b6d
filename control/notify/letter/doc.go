// Package letter words what the server writes to people: subject, text and HTML of an
// email, or the text of an SMS, in Russian and English. It knows no addresses and sends
// nothing.
package letter
