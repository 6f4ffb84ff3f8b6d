package record

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// subsetTag takes the place of the first characters of every font name:
// ISO 32000-1 §9.6.4 wants six capitals and a plus before a subset's name.
const (
	untagged  = "utf8qq+"
	subsetTag = "RECORD+"
)

var (
	errShape   = errors.New("record: unexpected structure of the written PDF")
	emptyNames = regexp.MustCompile(`/Names <<\s*/EmbeddedFiles (<<[^>]*>>|\[[^\]]*\])?\s*>>`)
)

// finish adds what PDF/A-2b asks for and the writer leaves out: version 1.7,
// tagged subset names, a file identifier (derived from the content, so that
// output stays the same), and no empty name tree. The changes keep every
// object where the cross-reference table says it is.
func finish(raw []byte, digest string) ([]byte, error) {
	header := []byte("%PDF-1.")
	if !bytes.HasPrefix(raw, header) {
		return nil, errShape
	}
	raw[len(header)] = '7'
	for _, key := range []string{"/BaseFont /", "/FontName /"} {
		raw = bytes.ReplaceAll(raw, []byte(key+untagged), []byte(key+subsetTag))
	}
	table := bytes.LastIndex(raw, []byte("\nxref\n"))
	catalog := bytes.LastIndex(raw[:max(table, 0)], []byte("/Type /Catalog"))
	trailer := bytes.LastIndex(raw, []byte("trailer\n<<\n"))
	if table < 0 || catalog < 0 || trailer < table {
		return nil, errShape
	}
	if at := emptyNames.FindIndex(raw[catalog:table]); at != nil {
		names := raw[catalog+at[0] : catalog+at[1]]
		copy(names, bytes.Repeat([]byte(" "), len(names)))
	}
	id := digest[:32]
	var out bytes.Buffer
	cut := trailer + len("trailer\n<<\n")
	out.Write(raw[:cut])
	fmt.Fprintf(&out, "/ID [<%s> <%s>]\n", id, id)
	out.Write(raw[cut:])
	return out.Bytes(), nil
}

// xmp is the metadata packet with the PDF/A identification.
func xmp(title, author, lang string, at time.Time, digest string) []byte {
	esc := func(s string) string {
		var b strings.Builder
		// Writing to a Builder cannot fail.
		_ = xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	stamp := at.Format("2006-01-02T15:04:05Z")
	return []byte(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format><dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + esc(title) +
		`</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq><rdf:li>` + esc(author) +
		`</rdf:li></rdf:Seq></dc:creator><dc:language><rdf:Bag><rdf:li>` + lang + `</rdf:li></rdf:Bag></dc:language></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreateDate>` + stamp +
		`</xmp:CreateDate><xmp:ModifyDate>` + stamp + `</xmp:ModifyDate><xmp:CreatorTool>Consilium</xmp:CreatorTool></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Producer>Consilium</pdf:Producer></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"><xmpMM:DocumentID>urn:sha256:` + digest + `</xmpMM:DocumentID></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`)
}

// srgbProfile builds a version 2 ICC matrix profile of sRGB (ICC.1:2001-04):
// three primaries adapted to D50 and one transfer curve.
func srgbProfile() []byte {
	const samples = 1024
	curve := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), samples)
	for i := range samples {
		v := linear(float64(i) / (samples - 1))
		curve = binary.BigEndian.AppendUint16(curve, uint16(math.Round(v*65535)))
	}
	xyz := func(x, y, z float64) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range []float64{x, y, z} {
			b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536)))) //nolint:gosec // s15Fixed16
		}
		return b
	}
	const name = "sRGB IEC61966-2.1"
	desc := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name)+1))
	desc = append(append(desc, name...), make([]byte, 1+4+4+2+1+67)...)
	tags := []struct {
		sig  string
		data []byte
	}{
		{"desc", desc},
		{"cprt", append([]byte("text\x00\x00\x00\x00No copyright, use freely"), 0)},
		{"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.43607, 0.22249, 0.01392)},
		{"gXYZ", xyz(0.38515, 0.71687, 0.09708)},
		{"bXYZ", xyz(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve},
		{"gTRC", curve},
		{"bTRC", curve},
	}
	at := 128 + 4 + 12*len(tags)
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags))) //nolint:gosec // nine
	var body []byte
	shared := 0
	for _, t := range tags {
		offset := at + len(body)
		if strings.HasSuffix(t.sig, "TRC") && shared != 0 {
			offset = shared
		} else {
			body = append(body, t.data...)
			body = append(body, make([]byte, (4-len(body)%4)%4)...)
		}
		if t.sig == "rTRC" {
			shared = offset
		}
		table = append(table, t.sig...)
		table = binary.BigEndian.AppendUint32(table, uint32(offset))      //nolint:gosec // small
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data))) //nolint:gosec // small
	}
	head := make([]byte, 128)
	binary.BigEndian.PutUint32(head[0:], uint32(at+len(body))) //nolint:gosec // small
	copy(head[8:], "\x02\x10\x00\x00mntrRGB XYZ \x07\xea\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00acsp")
	copy(head[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d") // D50
	return append(append(head, table...), body...)
}

// hexText is a text string as UTF-16 in hexadecimal, which needs no escapes.
func hexText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, r := range s {
		if r > 0xffff {
			r -= 0x10000
			fmt.Fprintf(&b, "%04X%04X", 0xd800+r>>10, 0xdc00+r&0x3ff)
			continue
		}
		fmt.Fprintf(&b, "%04X", r)
	}
	return b.String() + ">"
}

// structure is what signing needs to know of a PDF that Render wrote.
type structure struct {
	raw     []byte
	offsets []int // by object number
	root    int
	table   int // position of the cross-reference table
	id      string
}

var (
	trailerRoot = regexp.MustCompile(`/Root (\d+) 0 R`)
	trailerID   = regexp.MustCompile(`/ID \[<[0-9a-f]+> <[0-9a-f]+>\]`)
	startXref   = regexp.MustCompile(`startxref\s+(\d+)\s+%%EOF\s*$`)
	firstKid    = regexp.MustCompile(`/Kids \[\s*(\d+) 0 R`)
)

// parse reads the cross-reference table of an unsigned document.
func parse(raw []byte) (*structure, error) {
	m := startXref.FindSubmatch(raw)
	if m == nil {
		return nil, errShape
	}
	s := &structure{raw: raw}
	s.table, _ = strconv.Atoi(string(m[1]))
	if s.table <= 0 || s.table >= len(raw) {
		return nil, errShape
	}
	var size int
	if n, err := fmt.Sscanf(string(raw[s.table:min(len(raw), s.table+40)]), "xref\n0 %d\n", &size); n != 1 || err != nil {
		return nil, errShape
	}
	rows := raw[s.table+len(fmt.Sprintf("xref\n0 %d\n", size)):]
	if size < 1 || len(rows) < 20*size {
		return nil, errShape
	}
	for i := range size {
		at, err := strconv.Atoi(string(rows[20*i : 20*i+10]))
		if err != nil || at >= len(raw) {
			return nil, errShape
		}
		s.offsets = append(s.offsets, at)
	}
	end := rows[20*size:]
	root, id := trailerRoot.FindSubmatch(end), trailerID.Find(end)
	if root == nil || id == nil || bytes.Contains(end, []byte("/Prev")) {
		return nil, errShape
	}
	s.root, _ = strconv.Atoi(string(root[1]))
	s.id = string(id)
	return s, nil
}

// dict returns the text between the outer << and >> of an object without a
// stream.
func (s *structure) dict(number int) (string, error) {
	if number <= 0 || number >= len(s.offsets) {
		return "", errShape
	}
	body := s.raw[s.offsets[number]:s.table]
	end := bytes.Index(body, []byte("endobj"))
	if end < 0 {
		return "", errShape
	}
	open, shut := bytes.Index(body[:end], []byte("<<")), bytes.LastIndex(body[:end], []byte(">>"))
	if open < 0 || shut < open || bytes.Contains(body[:end], []byte("stream\n")) {
		return "", errShape
	}
	return string(body[open+2 : shut]), nil
}
