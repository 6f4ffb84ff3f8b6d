package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"consilium/store"
)

// Report is what a check found.
type Report struct {
	Pages    uint64        `json:"pages"`
	Free     uint64        `json:"freePages"`
	Buckets  int           `json:"buckets"`
	Rows     int           `json:"rows"`
	Bytes    int64         `json:"bytes"` // of keys and values
	Took     time.Duration `json:"took"`
	Problems []string      `json:"problems"` // at most maxProblems; they name pages and buckets, no values
}

const maxProblems = 100

// Err is nil when no problem was found, otherwise ErrCorrupt with the first one.
func (r Report) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d problems, the first: %s", store.ErrCorrupt, len(r.Problems), r.Problems[0])
}

// Check reads the whole file as it is now: that each page is used once or free,
// that keys are in order and that every row's sum is right. It reads the pages
// itself, without trust, so that no damage can make it crash. Reading and writing
// go on meanwhile.
func (d *DB) Check(ctx context.Context) (Report, error) {
	leave, err := store.Enter()
	if err != nil {
		return Report{}, fmt.Errorf("check store: %w", err)
	}
	defer leave()
	f, err := os.Open(d.path)
	if err != nil {
		return Report{}, fmt.Errorf("check store: %w", err)
	}
	defer f.Close()
	m, tx, err := d.pin(f)
	if tx != nil {
		defer func() { _ = tx.Rollback() }()
	}
	if err != nil {
		return Report{}, fmt.Errorf("check store: %w", refusal(err))
	}
	return check(ctx, f, m)
}

// pin reads the newest meta and opens a view of the same state, which keeps its
// pages as they are. The writer's lock is held just long enough for both.
func (d *DB) pin(f *os.File) (m meta, view *bbolt.Tx, err error) {
	damaged := guarded(func() {
		var writer *bbolt.Tx
		if writer, err = d.bolt.Begin(true); err != nil {
			return
		}
		defer func() { err = errors.Join(err, writer.Rollback()) }()
		if m, err = newestMeta(f); err == nil {
			view, err = d.bolt.Begin(false)
		}
	})
	return m, view, errors.Join(damaged, err)
}

// CheckFile checks the database in a data folder that nobody has open.
func CheckFile(ctx context.Context, dir string) (Report, error) {
	f, err := os.Open(filepath.Join(dir, FileName))
	if err != nil {
		return Report{}, fmt.Errorf("check store: %w", err)
	}
	defer f.Close()
	m, err := newestMeta(f)
	if errors.Is(err, ErrOlderState) {
		report, checkErr := check(ctx, f, m)
		report.Problems = append([]string{ErrOlderState.Error()}, report.Problems...)
		return report, checkErr
	}
	if errors.Is(err, store.ErrCorrupt) {
		return Report{Problems: []string{err.Error()}}, nil
	}
	if err != nil {
		return Report{}, fmt.Errorf("check store: %w", err)
	}
	return check(ctx, f, m)
}

// checker walks the tree of pages.
type checker struct {
	ctx    context.Context
	r      io.ReaderAt
	meta   meta
	used   []bool // by page
	report Report
}

func check(ctx context.Context, r io.ReaderAt, m meta) (Report, error) {
	start := time.Now()
	c := &checker{ctx: ctx, r: r, meta: m, report: Report{Pages: m.pages}}
	if info, ok := r.(*os.File); ok {
		if stat, err := info.Stat(); err != nil || uint64(stat.Size()) < m.pages*uint64(m.pageSize) {
			c.problem(fmt.Errorf("%w: the file is cut short", store.ErrCorrupt))
			return c.report, nil
		}
	}
	c.used = make([]bool, m.pages)
	c.tree(m.root, "", nil, nil)
	c.freelist()
	c.report.Took = time.Since(start)
	return c.report, ctx.Err()
}

func (c *checker) problem(err error) {
	if len(c.report.Problems) < maxProblems {
		c.report.Problems = append(c.report.Problems, err.Error())
	}
}

// take reads a page and marks it used; a page used twice is not read again.
func (c *checker) take(id uint64) (page, bool) {
	if c.ctx.Err() != nil {
		return page{}, false
	}
	p, err := readPage(c.r, c.meta, id)
	if err != nil {
		c.problem(err)
		return page{}, false
	}
	for i := id; i < id+p.span; i++ {
		if c.used[i] {
			c.problem(damagedPage(i, "used twice"))
			return page{}, false
		}
		c.used[i] = true
	}
	return p, true
}

// tree checks the pages below id, whose keys lie in [from, to).
func (c *checker) tree(id uint64, bucket string, from, to []byte) {
	p, ok := c.take(id)
	if !ok {
		return
	}
	switch p.flags {
	case leafPage:
		c.leaves(id, p, bucket, from, to)
	case branchPage:
		c.branches(id, p, bucket, from, to)
	default:
		c.problem(damagedPage(id, "of unknown kind"))
	}
}

func (c *checker) branches(id uint64, p page, bucket string, from, to []byte) {
	if p.count == 0 {
		c.problem(damagedPage(id, "branch without children"))
	}
	for i := range p.count {
		key, child, ok := p.branch(i)
		if !ok {
			c.problem(damagedPage(id, "an element reaches out of it"))
			return
		}
		if !c.ordered(id, key, from, to, i == 0) {
			return
		}
		next := to
		if i+1 < p.count {
			if next, _, ok = p.branch(i + 1); !ok {
				c.problem(damagedPage(id, "an element reaches out of it"))
				return
			}
		}
		c.tree(child, bucket, key, next)
		from = key
	}
}

func (c *checker) leaves(id uint64, p page, bucket string, from, to []byte) {
	for i := range p.count {
		e, ok := p.leaf(i)
		if !ok {
			c.problem(damagedPage(id, "an element reaches out of it"))
			return
		}
		if !c.ordered(id, e.key, from, to, i == 0) {
			return
		}
		from = e.key
		switch {
		case bucket == "" && e.bucket:
			c.bucket(id, string(e.key), e.value)
		case bucket == "" || e.bucket:
			c.problem(damagedPage(id, "a row where a bucket should be, or the other way round"))
		default:
			c.report.Rows++
			c.report.Bytes += int64(len(e.key) + len(e.value) - rowHead)
			if _, err := unpackRow(bucket, e.key, e.value); err != nil {
				c.problem(fmt.Errorf("page %d, bucket %s: %w", id, bucket, err))
			}
		}
	}
}

// ordered checks a key against the bounds of its place. Only the first key of a
// page may equal the lower one.
func (c *checker) ordered(id uint64, key, from, to []byte, first bool) bool {
	low := bytes.Compare(key, from)
	if from != nil && (low < 0 || low == 0 && !first) || to != nil && bytes.Compare(key, to) >= 0 {
		c.problem(damagedPage(id, "keys out of order"))
		return false
	}
	return true
}

// bucket checks a bucket's tree, or the page within its row when it is small.
func (c *checker) bucket(id uint64, name string, value []byte) {
	c.report.Buckets++
	if len(value) < 16 {
		c.problem(damagedPage(id, "a bucket without a root"))
		return
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		c.tree(root, name, nil, nil)
		return
	}
	p, ok := inlinePage(value[16:])
	if !ok || p.flags != leafPage {
		c.problem(damagedPage(id, "a small bucket's page makes no sense"))
		return
	}
	c.leaves(id, p, name, nil, nil)
}

// freelist checks that each page is used or free and not both.
func (c *checker) freelist() {
	p, ok := c.take(c.meta.freelist)
	if !ok {
		return
	}
	ids, ok := p.free()
	if !ok || p.flags != freelistPage {
		c.problem(damagedPage(c.meta.freelist, "the list of free pages makes no sense"))
		return
	}
	c.report.Free = uint64(len(ids))
	for _, id := range ids {
		if id < 2 || id >= c.meta.pages || c.used[id] {
			c.problem(damagedPage(id, "listed as free, but used or out of bounds"))
			continue
		}
		c.used[id] = true
	}
	for id := uint64(2); id < c.meta.pages; id++ {
		if !c.used[id] {
			c.problem(damagedPage(id, "neither used nor free"))
		}
	}
}
