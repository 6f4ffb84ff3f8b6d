package record

import (
	"strings"
	"unicode"
)

// Sizes in points and distances in millimetres of the body text.
const (
	bodySize    = 10.0
	bodyLeading = 5.3
	sectionGap  = 5.4
	factSize    = 9.5
	factLeading = 4.6
)

// letterhead prints the clinic's name, mark and address.
func (s *sheet) letterhead() {
	c := s.doc.Clinic
	s.fill(0, 0, pageWidth, 3, s.ink.accent)
	top := 13.0
	name := s.glyphs.line(c.Name)
	const mark = 13.0
	s.pdf.SetFillColor(s.ink.accent.r, s.ink.accent.g, s.ink.accent.b)
	s.pdf.RoundedRect(marginSide, top, mark, mark, 2.6, "1234", "F")
	letter := initial(name)
	s.put(marginSide+(mark-s.width(letter, bold, 20))/2, top+mark/2+20*pointMM*0.36, bold, 20, s.ink.white, letter)

	x, y := marginSide+mark+5, top+4.6
	for _, line := range s.lines(name, bold, 14, pageWidth-marginSide-x) {
		s.put(x, y, bold, 14, s.ink.text, line)
		y += 5.8
	}
	contact := joined("  ·  ", s.glyphs.line(c.Phone), s.glyphs.line(c.Email), s.glyphs.line(c.Site))
	licence := s.glyphs.line(c.Licence)
	if licence != "" && !strings.HasPrefix(strings.ToLower(licence), strings.ToLower(s.words.licence)) {
		licence = s.words.licence + " " + licence
	}
	for _, part := range []string{s.glyphs.line(c.Address), contact, licence} {
		if part == "" {
			continue
		}
		for _, line := range s.lines(part, regular, 8, pageWidth-marginSide-x) {
			s.put(x, y-0.6, regular, 8, s.ink.soft, line)
			y += 3.9
		}
	}
	s.y = max(y, top+mark) + 3
	s.rule(s.y, s.ink.line, 0.25)
	s.y += 11.5
}

// heading prints the title, the number and the date.
func (s *sheet) heading() {
	for _, line := range s.lines(s.title(), bold, 19, bodyWidth) {
		s.put(marginSide, s.y, bold, 19, s.ink.text, line)
		s.y += 8
	}
	sub := s.words.number + " " + s.glyphs.line(s.doc.Number)
	if s.words.of == "от" {
		sub += " " + s.words.of + " " + s.words.day(s.doc.SignedAt.In(s.doc.zone()))
	} else {
		sub += ", " + s.words.day(s.doc.SignedAt.In(s.doc.zone()))
	}
	for _, line := range s.lines(sub, regular, 10, bodyWidth) {
		s.put(marginSide, s.y-0.8, regular, 10, s.ink.soft, line)
		s.y += 5
	}
	s.y += 1.5
}

// fact is one cell of the block about patient and visit.
type fact struct {
	label, value string
	strong       bool
}

// facts prints the block about patient, doctor and visit in two columns.
func (s *sheet) facts() {
	d, w, g := s.doc, s.words, s.glyphs
	born := w.birth(g.line(d.Patient.BirthDate))
	sex := w.sexes[d.Patient.Sex]
	label := joined(", ", onlyIf(born, w.born), onlyIf(sex, strings.ToLower(w.sex)))
	if born == "" {
		label = onlyIf(sex, w.sex)
	}
	zone := d.zone()
	service := joined(", ", g.line(d.Visit.Service), w.modalities[d.Visit.Modality])
	left := []fact{
		{w.patient, g.line(d.Patient.Name), true},
		{label, joined(", ", born, sex), false},
		{w.card, g.line(d.Patient.Card), false},
	}
	right := []fact{
		{w.doctor, joined("\n", g.line(d.Practitioner.Name), g.line(d.Practitioner.Specialty)), true},
		{w.visit, w.span(d.Visit.Start.In(zone), d.Visit.End.In(zone)), false},
		{w.service, service, false},
	}
	if a := d.Agreement; a != nil {
		right = []fact{
			{w.agreedAt, w.span(d.SignedAt.In(zone), d.SignedAt.In(zone)), true},
			{w.version, g.line(a.Version), false},
			{w.shown, g.line(a.Digest[:min(16, len(a.Digest))]), false},
		}
	}
	const pad, gap = 4.6, 8.0
	column := (bodyWidth - 2*pad - gap) / 2
	height := max(s.column(left, 0, 0, column, false), s.column(right, 0, 0, column, false))
	if height+2*pad > bodyBottom-s.y {
		// Names of absurd length: no card, the columns follow each other.
		s.stack(append(left, right...))
		return
	}
	s.pdf.SetFillColor(s.ink.card.r, s.ink.card.g, s.ink.card.b)
	s.pdf.RoundedRect(marginSide, s.y, bodyWidth, height+2*pad, 2, "1234", "F")
	s.column(left, marginSide+pad, s.y+pad, column, true)
	s.column(right, marginSide+pad+column+gap, s.y+pad, column, true)
	s.y += height + 2*pad + sectionGap + 2.6
}

// column measures facts under each other and, if asked, draws them.
func (s *sheet) column(facts []fact, x, y, width float64, draw bool) float64 {
	top := y
	for _, f := range facts {
		if f.value == "" {
			continue
		}
		if y > top {
			y += 2.6
		}
		if draw {
			s.put(x, y+2.6, regular, 7.5, s.ink.soft, f.label)
		}
		y += 4.2
		for i, part := range strings.Split(f.value, "\n") {
			st := regular
			if f.strong && i == 0 {
				st = bold
			}
			for _, line := range s.lines(part, st, factSize, width) {
				if draw {
					s.put(x, y+3.4, st, factSize, s.ink.text, line)
				}
				y += factLeading
			}
		}
	}
	return y - top
}

// stack prints facts as plain paragraphs that may run over pages.
func (s *sheet) stack(facts []fact) {
	for _, f := range facts {
		if f.value == "" {
			continue
		}
		s.need(4 + factLeading)
		s.put(marginSide, s.y, regular, 7.5, s.ink.soft, f.label)
		s.y += 4.6
		for _, line := range s.lines(f.value, regular, factSize, bodyWidth) {
			s.need(factLeading)
			s.put(marginSide, s.y, regular, factSize, s.ink.text, line)
			s.y += factLeading
		}
		s.y += 2
	}
	s.y += sectionGap
}

// section prints a title and its text; the diagnosis gets a bar and a tint.
func (s *sheet) section(sec Section) {
	title := s.glyphs.line(sec.Title)
	if title == "" {
		title = s.words.sections[sec.Key]
	}
	strong := sec.Key == "diagnosis"
	inset, st, size := 0.0, regular, bodySize
	if strong {
		inset, st, size = 5.0, bold, 10.5
	}
	text := s.glyphs.clean(sec.Text)
	code := s.glyphs.line(sec.Code)
	if code != "" {
		text = joined("\n", code+"  ("+s.words.code+")", text)
	}
	body := s.lines(text, st, size, bodyWidth-2*inset)
	s.need(8 + bodyLeading*float64(min(2, len(body))))
	if title != "" {
		for _, line := range s.lines(title, bold, 10.5, bodyWidth) {
			s.put(marginSide, s.y, bold, 10.5, s.ink.accent, line)
			s.y += 5.2
		}
	}
	if strong {
		s.band(2)
	}
	for i, line := range body {
		s.need(bodyLeading)
		if strong {
			s.fill(marginSide, s.y-3.2, bodyWidth, bodyLeading+0.05, s.ink.tint)
			s.fill(marginSide, s.y-3.2, 1.2, bodyLeading+0.05, s.ink.accent)
		}
		ink := s.ink.text
		if code != "" && i == 0 {
			ink = s.ink.accent
		}
		s.put(marginSide+inset, s.y+0.6, st, size, ink, line)
		s.y += bodyLeading
	}
	if strong {
		s.band(2)
	}
	s.y += sectionGap
}

// band is the padding of the diagnosis' tint.
func (s *sheet) band(h float64) {
	s.fill(marginSide, s.y-3.2, bodyWidth, h+0.05, s.ink.tint)
	s.fill(marginSide, s.y-3.2, 1.2, h+0.05, s.ink.accent)
	s.y += h
}

// signature prints who signs and with which certificate, on one page.
func (s *sheet) signature() {
	const height, box, pad = 30.0, 96.0, 4.0
	s.need(height)
	s.y += 1
	d, w, g := s.doc, s.words, s.glyphs
	label, name, below, title := w.signature, d.Practitioner.Name, d.Practitioner.Specialty, w.signed
	if d.Agreement != nil {
		label, name, below = w.patient, d.Patient.Name, w.agreed
		if d.Seal.Serial == "" {
			title = w.agreed
		}
	}
	at := d.SignedAt.In(d.zone())
	when := w.day(at) + ", " + at.Format("15:04") + " (" + offset(at) + ")"
	width := bodyWidth - box - 8
	y := s.y + 4
	s.put(marginSide, y, regular, 7.5, s.ink.soft, label)
	y += 5.4
	for _, line := range limit(s.lines(g.line(name), bold, 10, width), 3) {
		s.put(marginSide, y, bold, 10, s.ink.text, line)
		y += 4.8
	}
	for _, line := range limit(s.lines(g.line(below), regular, 8.5, width), 2) {
		s.put(marginSide, y, regular, 8.5, s.ink.soft, line)
		y += 4.2
	}
	x := pageWidth - marginSide - box
	s.pdf.SetDrawColor(s.ink.accent.r, s.ink.accent.g, s.ink.accent.b)
	s.pdf.SetLineWidth(0.35)
	lines := []string{when}
	if d.Seal.Serial != "" {
		lines = []string{
			w.certificate + ": " + g.line(d.Seal.Serial),
			w.signedBy + ": " + g.line(d.Seal.Holder),
			w.validUntil + ": " + d.Seal.From.In(d.zone()).Format("02.01.2006") + " – " +
				d.Seal.Until.In(d.zone()).Format("02.01.2006"),
			when,
		}
	}
	h := 2*pad + 3.6 + float64(len(lines))*4.1
	s.pdf.RoundedRect(x, s.y, box, h, 2, "1234", "D")
	s.put(x+pad, s.y+pad+2, bold, 8, s.ink.accent, s.cut(title, bold, 8, box-2*pad))
	for i, line := range lines {
		s.put(x+pad, s.y+pad+6.6+4.1*float64(i), regular, 7.5, s.ink.text, s.cut(line, regular, 7.5, box-2*pad))
	}
	s.y = max(y, s.y+h)
}

// initial is the letter of the clinic's mark: of the name in quotation marks
// where there is one.
func initial(name string) string {
	if i := strings.IndexAny(name, "«„“\""); i >= 0 {
		for _, r := range name[i:] {
			if unicode.IsLetter(r) {
				if j := strings.IndexAny(name[i+1:], "„"); j > 0 && strings.HasPrefix(name[i:], "«") {
					return initial(name[i+1+j:])
				}
				return strings.ToUpper(string(r))
			}
		}
	}
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "+"
}

// joined puts sep between the parts that are not empty.
func joined(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

// onlyIf returns label when there is a value for it.
func onlyIf(value, label string) string {
	if value == "" {
		return ""
	}
	return label
}

func limit(lines []string, n int) []string { return lines[:min(n, len(lines))] }
