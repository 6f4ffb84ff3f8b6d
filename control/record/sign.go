package record

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// signatureRoom is the space kept for the CMS structure, in bytes: enough for
// an RSA-4096 signature and a long certificate.
const signatureRoom = 8192

// Sign adds the clinic's signature to a PDF that Render made, as an
// incremental update: the original bytes stay as they are. It is a PAdES
// baseline B-B signature (ETSI EN 319 142-1): a detached CAdES structure over
// the whole file. signedAt is the claimed time; there is no time-stamp
// authority behind it.
func (s *Signer) Sign(pdf []byte, signedAt time.Time, reason string) ([]byte, error) {
	if signedAt.Before(s.cert.NotBefore) || signedAt.After(s.cert.NotAfter) {
		return nil, fmt.Errorf("record: the certificate is valid from %s until %s",
			s.cert.NotBefore.Format(time.DateOnly), s.cert.NotAfter.Format(time.DateOnly))
	}
	st, err := parse(pdf)
	if err != nil {
		return nil, err
	}
	u := update{st: st, out: bytes.NewBuffer(append([]byte(nil), pdf...))}
	hole, err := u.write(s.cert.Subject.CommonName, signedAt, reason)
	if err != nil {
		return nil, err
	}
	out := u.out.Bytes()
	hole.fillRange(out)
	content := append(append([]byte(nil), out[:hole.open]...), out[hole.shut:]...)
	cms, err := s.cms(content)
	if err != nil {
		return nil, err
	}
	if len(cms) > signatureRoom {
		return nil, fmt.Errorf("record: a signature of %d bytes is too long", len(cms))
	}
	hex.Encode(out[hole.open+1:], cms)
	return out, nil
}

// hole is the place of the signature: from the < of Contents to after its >,
// which is all that the signature does not cover.
type hole struct {
	open, shut int
	byteRange  int // where the three numbers of ByteRange start
}

// fillRange writes the byte range, now that the length is known.
func (h hole) fillRange(out []byte) {
	copy(out[h.byteRange:], fmt.Sprintf("%010d %010d %010d", h.open, h.shut, len(out)-h.shut))
}

// update is an incremental update in the making (ISO 32000-1 §7.5.6).
type update struct {
	st      *structure
	out     *bytes.Buffer
	offsets []struct{ number, at int }
}

// write appends the changed catalog and first page, the signature field, the
// signature dictionary and the cross-reference section.
func (u *update) write(name string, at time.Time, reason string) (hole, error) {
	pages, err := u.st.dict(1)
	if err != nil {
		return hole{}, err
	}
	kid := firstKid.FindStringSubmatch(pages)
	if kid == nil {
		return hole{}, errShape
	}
	first, err := strconv.Atoi(kid[1])
	if err != nil {
		return hole{}, errShape
	}
	page, err := u.st.dict(first)
	if err != nil {
		return hole{}, err
	}
	catalog, err := u.st.dict(u.st.root)
	if err != nil {
		return hole{}, err
	}
	field := len(u.st.offsets)
	u.object(u.st.root, fmt.Sprintf("<<%s/AcroForm << /Fields [%d 0 R] /SigFlags 3 >>\n>>", catalog, field))
	u.object(first, fmt.Sprintf("<<%s/Annots [%d 0 R]\n>>", page, field))
	// The field has no rectangle: what is to be seen of the signature is in
	// the document's own block. Flags: print, locked.
	u.object(field, fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature) /Rect [0 0 0 0] /F 132 /P %d 0 R /V %d 0 R >>",
		first, field+1))
	h := u.signature(field+1, name, at, reason)
	u.crossReference(field + 2)
	return h, nil
}

func (u *update) begin(number int) {
	u.offsets = append(u.offsets, struct{ number, at int }{number, u.out.Len()})
	fmt.Fprintf(u.out, "%d 0 obj\n", number)
}

func (u *update) object(number int, body string) {
	u.begin(number)
	u.out.WriteString(body + "\nendobj\n")
}

func (u *update) signature(number int, name string, at time.Time, reason string) hole {
	var h hole
	u.begin(number)
	u.out.WriteString("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 ")
	h.byteRange = u.out.Len()
	u.out.WriteString("0000000000 0000000000 0000000000] /Contents ")
	h.open = u.out.Len()
	u.out.WriteString("<" + string(bytes.Repeat([]byte("0"), 2*signatureRoom)) + ">")
	h.shut = u.out.Len()
	fmt.Fprintf(u.out, " /M (D:%s+00'00') /Name %s /Reason %s >>\nendobj\n",
		at.UTC().Format("20060102150405"), hexText(name), hexText(reason))
	return h
}

func (u *update) crossReference(size int) {
	at := u.out.Len()
	u.out.WriteString("xref\n")
	for _, o := range u.offsets {
		fmt.Fprintf(u.out, "%d 1\n%010d 00000 n \n", o.number, o.at)
	}
	fmt.Fprintf(u.out, "trailer\n<< /Size %d /Root %d 0 R %s /Prev %d >>\nstartxref\n%d\n%%%%EOF\n",
		size, u.st.root, u.st.id, u.st.table, at)
}
