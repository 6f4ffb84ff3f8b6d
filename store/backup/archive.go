package backup

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"consilium/store"
	"consilium/store/internal/stream"
	"consilium/store/keyring"
)

// A backup file is one line of text, "consilium-backup-1 KIND KEK SALT", then an
// encrypted stream whose key comes from the KEK and that line. In the stream the
// parts follow each other, each as its name and then its content in blocks; names
// and blocks are a length (uvarint) with the bytes, a block of length 0 ends a
// part, and a name of length 0 ends the parts. The manifest, JSON, is the rest.
const firstLine = "consilium-backup-1"

// Kinds of backups.
const (
	KindData = "data" // database and files
	KindKeys = "keys" // the key ring
)

// Manifest lists what is in a backup.
type Manifest struct {
	Kind    string    `json:"kind"`
	KEK     string    `json:"kek"` // ID of the key that opens it
	Created time.Time `json:"created"`
	Bytes   int64     `json:"bytes"`
	Parts   []Part    `json:"parts"`
}

// Part is a file in a backup. Name is its path in the data folder, with slashes.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

const (
	block   = 256 << 10
	maxName = 1 << 10
)

// archive is a backup file that is being written.
type archive struct {
	w        *stream.Writer
	manifest Manifest
}

func newArchive(w io.Writer, kind string, kek keyring.KEK, at time.Time) (*archive, error) {
	salt := make([]byte, 32)
	rand.Read(salt) // never fails
	line := fmt.Sprintf("%s %s %s %s\n", firstLine, kind, kek.ID(), hex.EncodeToString(salt))
	secret, err := streamKey(kek, line)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, line); err != nil {
		return nil, err
	}
	sw, err := stream.NewWriter(w, secret)
	if err != nil {
		return nil, err
	}
	return &archive{w: sw, manifest: Manifest{Kind: kind, KEK: kek.ID(), Created: at.UTC()}}, nil
}

func streamKey(kek keyring.KEK, line string) ([]byte, error) {
	key, err := kek.BackupKey()
	if err != nil {
		return nil, err
	}
	return key.Derive(line, nil)
}

// add writes a part, whose content is what write writes.
func (a *archive) add(name string, write func(io.Writer) error) error {
	if err := a.chunk([]byte(name)); err != nil {
		return err
	}
	sum := sha256.New()
	blocks := bufio.NewWriterSize(blockWriter{a}, block)
	counted := &counter{w: io.MultiWriter(blocks, sum)}
	if err := write(counted); err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	if err := blocks.Flush(); err != nil {
		return err
	}
	a.manifest.Bytes += counted.n
	a.manifest.Parts = append(a.manifest.Parts, Part{Name: name, Size: counted.n, SHA256: hex.EncodeToString(sum.Sum(nil))})
	return a.chunk(nil)
}

// chunk writes a length and the bytes.
func (a *archive) chunk(b []byte) error {
	if _, err := a.w.Write(binary.AppendUvarint(nil, uint64(len(b)))); err != nil {
		return err
	}
	_, err := a.w.Write(b)
	return err
}

func (a *archive) close() error {
	if err := a.chunk(nil); err != nil {
		return err
	}
	if err := json.NewEncoder(a.w).Encode(a.manifest); err != nil {
		return err
	}
	return a.w.Close()
}

// blockWriter writes what comes as blocks of a part.
type blockWriter struct{ a *archive }

func (b blockWriter) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		n := min(len(p)-done, block)
		if err := b.a.chunk(p[done : done+n]); err != nil {
			return done, err
		}
		done += n
	}
	return len(p), nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// readArchive reads a backup to its end. It hands each part to accept, which
// reads it to its end, and compares what was read with the manifest. A backup
// made under another KEK is ErrKey, a changed one ErrCorrupt.
func readArchive(r io.Reader, kek keyring.KEK, accept func(name string, content io.Reader) error) (Manifest, error) {
	buffered := bufio.NewReaderSize(r, block)
	raw, err := buffered.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return Manifest{}, err
	}
	line := string(raw)
	fields := strings.Fields(line)
	if err != nil || len(fields) != 4 || fields[0] != firstLine {
		return Manifest{}, fmt.Errorf("%w: not a backup", store.ErrCorrupt)
	}
	if fields[2] != kek.ID() {
		return Manifest{}, fmt.Errorf("%w: the backup was made under key %s, the key file holds key %s", store.ErrKey, fields[2], kek.ID())
	}
	secret, err := streamKey(kek, line)
	if err != nil {
		return Manifest{}, err
	}
	plain, err := stream.NewReader(buffered, secret)
	if err != nil {
		return Manifest{}, err
	}
	return readParts(bufio.NewReaderSize(plain, block), accept)
}

func readParts(r *bufio.Reader, accept func(string, io.Reader) error) (Manifest, error) {
	var parts []Part
	for {
		name, err := readName(r)
		if err != nil {
			return Manifest{}, err
		}
		if name == "" {
			break
		}
		sum := sha256.New()
		content := &partReader{r: r}
		counted := &counter{w: sum}
		if err := accept(name, io.TeeReader(content, counted)); err != nil {
			return Manifest{}, fmt.Errorf("%s: %w", name, err)
		}
		if !content.ended {
			return Manifest{}, fmt.Errorf("%s: %w: not read to its end", name, store.ErrCorrupt)
		}
		parts = append(parts, Part{Name: name, Size: counted.n, SHA256: hex.EncodeToString(sum.Sum(nil))})
	}
	var m Manifest
	raw, err := io.ReadAll(r)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("%w: manifest: %w", store.ErrCorrupt, err)
	}
	if len(m.Parts) != len(parts) {
		return m, fmt.Errorf("%w: %d parts, the manifest lists %d", store.ErrCorrupt, len(parts), len(m.Parts))
	}
	for i, p := range parts {
		if m.Parts[i] != p {
			return m, fmt.Errorf("%w: %s is not as the manifest says", store.ErrCorrupt, p.Name)
		}
	}
	return m, nil
}

func readName(r *bufio.Reader) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err == nil && n > maxName {
		err = fmt.Errorf("%w: name of %d bytes", store.ErrCorrupt, n)
	}
	if err != nil {
		return "", unexpected(err)
	}
	name := make([]byte, n)
	_, err = io.ReadFull(r, name)
	return string(name), unexpected(err)
}

// partReader reads the blocks of one part.
type partReader struct {
	r     *bufio.Reader
	left  uint64
	ended bool
}

func (p *partReader) Read(b []byte) (int, error) {
	if p.ended {
		return 0, io.EOF
	}
	if p.left == 0 {
		n, err := binary.ReadUvarint(p.r)
		if err != nil {
			return 0, unexpected(err)
		}
		if n == 0 {
			p.ended = true
			return 0, io.EOF
		}
		p.left = n
	}
	n, err := p.r.Read(b[:min(uint64(len(b)), p.left)])
	p.left -= uint64(n)
	return n, unexpected(err)
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the backup ends too early", store.ErrCorrupt)
	}
	return err
}
