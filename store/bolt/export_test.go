package bolt

// NoSync makes commits return before they are durable: the control of the power
// cut test, which has to lose something.
func NoSync() Option { return func(o *options) { o.noSync = true } }
