// Package layer chooses, for one subscriber and one video track, which packets to pass: of several simulcast streams the right one, of a scalable stream the right layers, always whole frames and never a picture the decoder cannot decode.
//
// The allocator sets a target with [Selector.SetTarget]. Each packet of each of
// the track's streams goes through [Selector.Select], in the order of arrival; its
// [Decision] says what to do with munge's Rewriter. [Selector.Keyframe] says of
// which stream a key frame is needed, to be asked after SetTarget and on a timer.
//
// A higher or lower simulcast stream begins only at its key frame, and until then
// the old one goes on; while a lower one is awaited the old one is thinned to its
// lowest frame rate, so that a congested link drains without a frozen picture.
//
// A Selector is driven under its subscriber's lock, knows no time but the arrivals
// it is given, and allocates nothing.
package layer
