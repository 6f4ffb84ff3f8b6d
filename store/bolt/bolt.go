package bolt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"consilium/store"
	"consilium/store/internal/disk"
)

// FileName is the database's name within the data folder.
const FileName = "consilium.db"

// ErrInUse: another process has the data folder open.
var ErrInUse = errors.New("another process holds the data folder")

// DB is a store in one bbolt file. Views run beside each other and beside the
// one writer goroutine, which commits what several callers wait for at once.
type DB struct {
	path    string
	options options
	bolt    *bbolt.DB

	queue   chan *op // callers of Update; unbuffered, so that a cancelled one is simply gone
	close   sync.Once
	closing chan struct{} // closed by Close
	stopped chan struct{} // closed by the writer

	w       writer // owned by the writer goroutine
	commits atomic.Uint64
}

type options struct {
	maxBatch  int
	linger    time.Duration
	viewLimit time.Duration
	reserve   int64
	lockWait  time.Duration
	noSync    bool
}

// Option changes how Open sets up a DB.
type Option func(*options)

// Reserve sets how many bytes must stay free on the disk: below that writes are
// refused with ErrNoSpace, so that reading, deleting of files and compaction
// stay possible. The default is 64 MiB.
func Reserve(bytes int64) Option { return func(o *options) { o.reserve = bytes } }

// ViewLimit sets how long a View may stay open, 2 s by default. An open view
// keeps all pages freed since it began.
func ViewLimit(d time.Duration) Option { return func(o *options) { o.viewLimit = d } }

// Group sets how many functions may share a commit and how long the writer
// waits for more when several are writing; 256 and 2 ms by default. A lone
// writer never waits.
func Group(most int, linger time.Duration) Option {
	return func(o *options) { o.maxBatch, o.linger = max(most, 1), linger }
}

// Open opens the store in a data folder, which it creates when it isn't there.
// It fails with ErrInUse when another process has it open.
func Open(dir string, opts ...Option) (*DB, error) {
	o := options{
		maxBatch: 256, linger: 2 * time.Millisecond, viewLimit: 2 * time.Second,
		reserve: 64 << 20, lockWait: time.Second,
	}
	for _, set := range opts {
		set(&o)
	}
	d, err := open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return d, nil
}

func open(dir string, o options) (*DB, error) {
	if err := disk.MakeDir(dir); err != nil {
		return nil, err
	}
	d := &DB{
		path: filepath.Join(dir, FileName), options: o,
		queue: make(chan *op), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	err := ensureFile(d.path, o)
	if err != nil {
		return nil, err
	}
	if d.bolt, err = openFile(d.path, o); err != nil {
		return nil, err
	}
	if err = checkMetas(d.path); err == nil {
		err = d.prepare()
	}
	if err != nil {
		return nil, errors.Join(err, d.bolt.Close())
	}
	go d.write()
	return d, nil
}

// ensureFile makes the database file if there is none. It gets its name only
// when it is whole, so that a crash meanwhile leaves nothing that can't be opened.
func ensureFile(path string, o options) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := openFile(temp, o)
	if err != nil {
		return refusal(err)
	}
	if err := errors.Join(db.Sync(), db.Close()); err != nil {
		return refusal(err)
	}
	return disk.Replace(temp, path)
}

// openFile opens the bbolt file. A damaged one may make bbolt panic or fault,
// which comes back as ErrCorrupt.
func openFile(path string, o options) (db *bbolt.DB, err error) {
	damaged := guarded(func() {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout: o.lockWait, FreelistType: bbolt.FreelistMapType, NoSync: o.noSync,
			InitialMmapSize: mapSize(),
		})
	})
	switch {
	case damaged != nil:
		return nil, damaged
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return db, err
}

// mapSize is how much address space the file gets. A file that outgrows its map
// makes the writer wait until all views, a backup's too, are closed, so it is
// far more than a clinic needs. Windows would make the file that large, and a
// 32-bit process has no such space.
func mapSize() int {
	size := int64(16 << 30)
	if runtime.GOOS == "windows" || size > math.MaxInt {
		return 0
	}
	return int(size)
}

var _ store.DB = (*DB)(nil)

// View implements store.DB.
func (d *DB) View(ctx context.Context, fn func(store.Tx) error) error {
	leave, err := store.Enter()
	if err != nil {
		return fmt.Errorf("view: %w", err)
	}
	defer leave()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("view: %w", err)
	}
	tx, err := d.bolt.Begin(false)
	if err != nil {
		return fmt.Errorf("view: %w", refusal(err))
	}
	defer func() { _ = tx.Rollback() }()
	rs := store.NewReadSet(snapshot{tx}, time.Now().Add(d.options.viewLimit))
	defer rs.Close()
	return fn(rs)
}

// Close implements store.DB. It waits for the writer and for open views.
func (d *DB) Close() error {
	leave, err := store.Enter()
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	defer leave()
	d.close.Do(func() { close(d.closing) })
	<-d.stopped
	if err := d.bolt.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Commits is how many commits the engine has made since it was opened.
func (d *DB) Commits() uint64 { return d.commits.Load() }

// Path is the database file.
func (d *DB) Path() string { return d.path }
