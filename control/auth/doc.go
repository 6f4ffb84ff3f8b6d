// Package auth proves who somebody is: passwords, codes sent to a person, authenticator
// apps and recovery codes, and how often each may be tried. It takes values and times, and
// knows neither accounts nor stores nor the way a message travels.
package auth
