package record

import (
	"bytes"
	"embed"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

//go:embed fonts/DejaVuSansCondensed.ttf fonts/DejaVuSansCondensed-Bold.ttf fonts/LICENSE.txt
var fonts embed.FS

// Page geometry in millimetres: A4 with margins fit for a punched binder.
const (
	pageWidth   = 210.0
	pageHeight  = 297.0
	marginSide  = 20.0
	bodyWidth   = pageWidth - 2*marginSide
	bodyBottom  = pageHeight - 21
	bodyTopNext = 30.0 // body start of the pages after the first
	pointMM     = 25.4 / 72
)

// family is the font's name for the writer, of which the first characters are
// replaced by a subset tag of the same length; see finish.
const family = "qq+dejavusanscondensed"

type style string

const (
	regular style = ""
	bold    style = "B"
)

// sheet draws one document. It is used once, by one goroutine.
type sheet struct {
	pdf    *fpdf.Fpdf
	glyphs *glyphs
	words  *words
	doc    *Document
	ink    palette
	pages  int     // total, 0 while it is not known
	y      float64 // where the next thing goes, from the top
}

// Render lays d out as an unsigned PDF. The same document gives the same
// bytes. Errors wrap ErrIncomplete when d lacks something.
func Render(d Document) ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	first, err := layOut(&d, 0)
	if err != nil {
		return nil, err
	}
	// The second time the number of pages is known.
	second, err := layOut(&d, first.pdf.PageCount())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := second.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("record: write PDF: %w", err)
	}
	return finish(out.Bytes(), d.Digest())
}

func layOut(d *Document, pages int) (*sheet, error) {
	plainFont, err := fonts.ReadFile("fonts/DejaVuSansCondensed.ttf")
	if err != nil {
		return nil, fmt.Errorf("record: read font: %w", err)
	}
	boldFont, err := fonts.ReadFile("fonts/DejaVuSansCondensed-Bold.ttf")
	if err != nil {
		return nil, fmt.Errorf("record: read font: %w", err)
	}
	g, err := newGlyphs(plainFont)
	if err != nil {
		return nil, err
	}
	s := &sheet{
		pdf: fpdf.New("P", "mm", "A4", ""), glyphs: g, words: wordsFor(d.Locale),
		doc: d, ink: newPalette(d.Clinic.Accent), pages: pages,
	}
	s.pdf.AddUTF8FontFromBytes(family, string(regular), plainFont)
	s.pdf.AddUTF8FontFromBytes(family, string(bold), boldFont)
	s.pdf.SetMargins(0, 0, 0)
	s.pdf.SetAutoPageBreak(false, 0)
	s.pdf.SetCellMargin(0)
	s.describe()
	s.addPage()
	s.letterhead()
	s.heading()
	s.facts()
	for _, section := range d.Sections {
		if section.Text != "" || section.Code != "" {
			s.section(section)
		}
	}
	s.signature()
	if err := s.pdf.Error(); err != nil {
		return nil, fmt.Errorf("record: lay out: %w", err)
	}
	return s, nil
}

// describe sets what the file says about itself.
func (s *sheet) describe() {
	at := s.doc.SignedAt.UTC()
	s.pdf.SetCatalogSort(true)
	s.pdf.SetCompression(true)
	s.pdf.SetCreationDate(at)
	s.pdf.SetModificationDate(at)
	s.pdf.SetProducer("Consilium", true)
	s.pdf.SetCreator("Consilium", true)
	s.pdf.SetTitle(s.fileTitle(), true)
	s.pdf.SetAuthor(s.glyphs.line(s.doc.Clinic.Name), true)
	lang := "en"
	if strings.HasPrefix(s.doc.Locale, "ru") {
		lang = "ru"
	}
	s.pdf.SetLang(lang)
	s.pdf.AddOutputIntent(fpdf.OutputIntentType{
		SubtypeIdent: fpdf.OutputIntent_GTS_PDFA1, OutputConditionIdentifier: "sRGB",
		Info: "sRGB IEC61966-2.1", ICCProfile: srgbProfile(),
	})
	s.pdf.SetXmpMetadata(xmp(s.fileTitle(), s.glyphs.line(s.doc.Clinic.Name), lang, at, s.doc.Digest()))
}

func (s *sheet) title() string {
	if s.doc.Title != "" {
		return s.glyphs.line(s.doc.Title)
	}
	return s.words.title
}

func (s *sheet) fileTitle() string {
	return s.title() + " " + s.words.number + " " + s.glyphs.line(s.doc.Number)
}

// addPage starts a page with its footer and, after the first, a short header.
func (s *sheet) addPage() {
	s.pdf.AddPage()
	s.footer()
	if s.pdf.PageNo() == 1 {
		s.y = 0
		return
	}
	s.y = 18
	right := s.glyphs.line(s.doc.Patient.Name) + "  ·  " + s.words.number + " " + s.glyphs.line(s.doc.Number)
	left := s.cut(s.glyphs.line(s.doc.Clinic.Name), bold, 8, bodyWidth*0.48)
	right = s.cut(right, regular, 8, bodyWidth*0.48)
	s.put(marginSide, s.y, bold, 8, s.ink.accent, left)
	s.put(pageWidth-marginSide-s.width(right, regular, 8), s.y, regular, 8, s.ink.soft, right)
	s.rule(s.y+2.6, s.ink.line, 0.2)
	s.y = bodyTopNext
}

// footer prints what ties a page to its document.
func (s *sheet) footer() {
	y := pageHeight - 12.0
	s.rule(y-4.5, s.ink.line, 0.2)
	digest := s.doc.Digest()
	left := fmt.Sprintf("%s %s  ·  %s SHA-256 %s %s %s %s", s.words.number, s.glyphs.line(s.doc.Number),
		s.words.content, digest[:4], digest[4:8], digest[8:12], digest[12:16])
	s.put(marginSide, y, regular, 7.5, s.ink.soft, s.cut(left, regular, 7.5, bodyWidth-25))
	page := fmt.Sprintf("%d / %d", s.pdf.PageNo(), max(s.pages, s.pdf.PageNo()))
	s.put(pageWidth-marginSide-s.width(page, regular, 7.5), y, regular, 7.5, s.ink.soft, page)
}

// need starts a new page unless h millimetres are left on this one.
func (s *sheet) need(h float64) {
	if s.y+h > bodyBottom {
		s.addPage()
	}
}

// put writes one clean line with its baseline at y.
func (s *sheet) put(x, y float64, st style, size float64, c rgb, text string) {
	if text == "" {
		return
	}
	s.pdf.SetFont(family, string(st), size)
	s.pdf.SetTextColor(c.r, c.g, c.b)
	s.pdf.Text(x, y, visual(text))
}

// width measures a clean line.
func (s *sheet) width(text string, st style, size float64) float64 {
	s.pdf.SetFont(family, string(st), size)
	return s.pdf.GetStringWidth(text)
}

// lines wraps clean text, paragraph by paragraph.
func (s *sheet) lines(text string, st style, size, width float64) []string {
	s.pdf.SetFont(family, string(st), size)
	var out []string
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" && len(out) > 0 && out[len(out)-1] == "" {
			continue // one empty line parts paragraphs as well as fifty
		}
		out = append(out, wrap(paragraph, width, s.pdf.GetStringWidth)...)
	}
	return out
}

// cut shortens a clean line to a width, with an ellipsis.
func (s *sheet) cut(text string, st style, size, width float64) string {
	if s.width(text, st, size) <= width {
		return text
	}
	s.pdf.SetFont(family, string(st), size)
	return fit(text, width-s.pdf.GetStringWidth("…"), s.pdf.GetStringWidth) + "…"
}

func (s *sheet) rule(y float64, c rgb, thick float64) {
	s.pdf.SetDrawColor(c.r, c.g, c.b)
	s.pdf.SetLineWidth(thick)
	s.pdf.Line(marginSide, y, pageWidth-marginSide, y)
}

func (s *sheet) fill(x, y, w, h float64, c rgb) {
	s.pdf.SetFillColor(c.r, c.g, c.b)
	s.pdf.Rect(x, y, w, h, "F")
}
