package rtp

// AudioLevel reads the data of the audio level extension (RFC 6464): the level
// in −dBov, 0 loudest to 127 silent, and the sender's opinion whether it is voice.
func AudioLevel(data []byte) (level uint8, voice, ok bool) {
	if len(data) == 0 {
		return 127, false, false
	}
	return data[0] & 0x7f, data[0]&0x80 != 0, true
}
