package control

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sniffLen is how much of a file http.DetectContentType looks at.
const sniffLen = 512

// maxFileName bounds a file's name, in characters.
const maxFileName = 120

// allowedTypes are the kinds of file that a consultation needs, by content, and
// the extension each gets. What is not here is refused: nothing that a browser
// would run (HTML, SVG) and nothing that an operating system would.
func allowedTypes() map[string]string {
	return map[string]string{
		"application/pdf":           ".pdf",
		"image/jpeg":                ".jpg",
		"image/png":                 ".png",
		"image/gif":                 ".gif",
		"image/webp":                ".webp",
		"image/bmp":                 ".bmp",
		"text/plain; charset=utf-8": ".txt",
		"audio/mpeg":                ".mp3",
		"audio/wave":                ".wav",
		"application/ogg":           ".ogg",
		"video/mp4":                 ".mp4",
		"video/webm":                ".webm",
		"application/zip":           ".zip", // office documents and archives of images
		"application/dicom":         ".dcm",
	}
}

// sniff reads the beginning of a file, says what it is by its bytes, and returns
// those bytes to be read again.
func sniff(r io.Reader) (head io.Reader, contentType string, err error) {
	buf := make([]byte, sniffLen)
	n, err := io.ReadFull(r, buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, "", &Error{Code: CodeInvalid, Message: "the file did not arrive whole", Err: err}
	}
	if n == 0 {
		return nil, "", invalid("body", "the file is empty")
	}
	buf = buf[:n]
	contentType = http.DetectContentType(buf)
	if n >= 132 && string(buf[128:132]) == "DICM" {
		contentType = "application/dicom"
	}
	if _, ok := allowedTypes()[contentType]; !ok || strings.HasPrefix(contentType, "text/") && markup(buf) {
		return nil, "", fail(CodeTypeRefused, "files of this kind are not taken")
	}
	return bytes.NewReader(buf), contentType, nil
}

// markup reports whether text begins as HTML, XML or SVG does.
func markup(text []byte) bool {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n\f")
	return len(text) > 1 && text[0] == '<' && (text[1] == '!' || text[1] == '?' || text[1] == '/' || unicode.IsLetter(rune(text[1])))
}

// fileName makes a name safe to show and to save under: the last part of a path,
// no control or direction characters, and an extension that agrees with what the
// file is.
func fileName(name, contentType string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if isControl(r) || strings.ContainsRune(`<>:"/|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	ext := path.Ext(name)
	stem := strings.TrimRight(strings.TrimSuffix(name, ext), " .")
	if stem == "" {
		stem = "file"
	}
	if !sameType(ext, contentType) {
		if ext != "" && ext != "." {
			stem += strings.ReplaceAll(ext, ".", "_")
		}
		ext = allowedTypes()[contentType]
	}
	for utf8.RuneCountInString(stem)+len(ext) > maxFileName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + ext
}

// sameType reports whether an extension is one that people use for the type.
func sameType(ext, contentType string) bool {
	ext = strings.ToLower(ext)
	if ext == "" {
		return false
	}
	if allowedTypes()[contentType] == ext {
		return true
	}
	switch contentType {
	case "application/zip":
		return ext == ".docx" || ext == ".xlsx" || ext == ".odt" || ext == ".ods"
	case "image/jpeg":
		return ext == ".jpeg"
	case "text/plain; charset=utf-8":
		return ext == ".csv" || ext == ".log" || ext == ".md"
	case "application/ogg":
		return ext == ".oga" || ext == ".ogv" || ext == ".opus"
	}
	base, _, err := mime.ParseMediaType(mime.TypeByExtension(ext))
	return err == nil && base == contentType
}

// limit passes on at most left bytes and fails beyond.
type limit struct {
	r    io.Reader
	left int64
	over bool
	err  error // of the source, other than its end
}

var errOver = errors.New("over the limit")

func (l *limit) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		l.over = true
		return 0, errOver
	}
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// uploadError tells a sender's fault from ours.
func uploadError(ctx context.Context, l *limit, err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(l.err, &tooLarge):
		return &Error{Code: CodeTooLarge, Message: "the file is too large", Err: err}
	case l.err != nil || ctx.Err() != nil:
		return &Error{Code: CodeInvalid, Message: "the file did not arrive whole", Field: "body", Err: err}
	}
	return storeError(err)
}
