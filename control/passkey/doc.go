// Package passkey proves a person by a key that their device keeps (WebAuthn level 3): it
// registers keys and checks what they sign. It knows neither accounts nor stores; what is
// to be kept between the two halves of a ceremony it hands out as bytes.
package passkey
