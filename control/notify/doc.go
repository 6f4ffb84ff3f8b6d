// Package notify carries a message to one person by email or SMS. It knows neither why
// the message is sent nor who the person is; what is to be said is made by its caller.
package notify
