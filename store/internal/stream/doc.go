// Package stream encrypts content of any length in chunks of 64 KiB, each
// authenticated with its place and whether it is the last: a changed, moved,
// missing or added chunk is noticed, and reading may begin at any chunk. It is
// the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (2015), as
// the age format uses it, over AES-256-GCM.
//
// A key must serve one stream only: nonces are counted from zero.
package stream
