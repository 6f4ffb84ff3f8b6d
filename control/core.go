package control

import (
	"log/slog"
	"sync/atomic"
	"time"

	"consilium/store"
)

// core is what every service of Control shares.
type core struct {
	cfg    Config
	db     store.DB
	blobs  Blobs
	grants Grants
	ice    func(identity string) []ICEServer
	clock  func() time.Time
	log    *slog.Logger

	rooms atomic.Pointer[Rooms]
}
