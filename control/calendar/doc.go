// Package calendar computes when somebody can be booked, from rules in local
// time: windows of availability, and the free slots in them. It is pure: times
// and zones come in, times go out. It knows no appointment and no store.
//
// The whole of daylight saving is in one sentence: a minute is available when
// the clock on the wall shows, during that minute, a time that the rules allow.
// So a window over the hour that a spring change skips is shorter by what is
// skipped, and one over the hour that an autumn change repeats holds both.
package calendar
