// Package triage decides whom a call for help goes to and when: bands that age,
// rounds of offers, honest waiting times, and what is asked first. It takes values
// and times, and knows neither the store nor a clock.
package triage
