package record

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var moscow = time.FixedZone("MSK", 3*3600)

// russianDoc is a plausible conclusion of a fictional clinic.
func russianDoc() Document {
	return Document{
		Number: "2026-000147", Locale: "ru",
		Clinic: Clinic{
			Name: "Клиника «Меридиан»", Licence: "Л041-01137-77/00312345 от 12.03.2021",
			Address: "119021, Москва, ул. Льва Толстого, 16", Phone: "+7 495 000-00-00",
			Email: "info@meridian.example", Site: "meridian.example", Accent: "#0f626e",
		},
		Patient:      Patient{Name: "Соколова Анна Викторовна", BirthDate: "1987-04-12", Sex: "female", Card: "МК-000312"},
		Practitioner: Practitioner{Name: "Орлов Дмитрий Сергеевич", Specialty: "врач-терапевт"},
		Visit: Visit{
			Start: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 24, 10, 24, 0, 0, time.UTC),
			Zone: moscow, Service: "Первичная консультация терапевта", Modality: "video",
		},
		Sections: []Section{
			{Key: "complaint", Text: "Боль в горле при глотании, насморк, повышение температуры до 37,8 °C в течение трёх дней."},
			{Key: "anamnesis", Text: "Заболела остро после переохлаждения. Хронические заболевания отрицает. Аллергия на пенициллины (сыпь, 2014 г.)."},
			{Key: "findings", Text: "Состояние удовлетворительное. Слизистая зева гиперемирована, налётов нет (осмотр по видеосвязи). Дыхание через нос затруднено."},
			{Key: "diagnosis", Code: "J06.9", Text: "Острая инфекция верхних дыхательных путей неуточнённая"},
			{Key: "plan", Text: "1. Обильное тёплое питьё, постельный режим 3 дня.\n2. Полоскание горла раствором хлоргексидина 0,05 % 4 раза в день.\n3. Парацетамол 500 мг при температуре выше 38,5 °C, не более 4 раз в сутки.\n4. При одышке, температуре выше 39 °C или ухудшении — вызов врача, тел. 103.\n5. Повторная консультация 27 ноября. Стоимость повторного приёма — 1 500 ₽."},
		},
		SignedAt: time.Date(2026, 11, 24, 10, 31, 0, 0, time.UTC),
	}
}

func englishDoc() Document {
	d := russianDoc()
	d.Locale, d.Number = "en", "2026-000148"
	d.Clinic.Name, d.Clinic.Licence, d.Clinic.Address = "Meridian Clinic", "LO-77-01-000000", "16 Leo Tolstoy St, Moscow 119021"
	d.Patient.Name, d.Practitioner = "Emily Carter", Practitioner{"Dr Daniel Hughes", "general practitioner"}
	d.Visit.Service = "Initial consultation"
	d.Sections = []Section{
		{Key: "complaint", Text: "Sore throat, runny nose and a temperature of up to 37.8 °C for three days."},
		{Key: "diagnosis", Code: "J06.9", Text: "Acute upper respiratory infection, unspecified"},
		{Key: "plan", Text: "Rest and fluids. Paracetamol 500 mg when above 38.5 °C, at most four times a day."},
	}
	return d
}

// longDoc runs over several pages.
func longDoc() Document {
	d := russianDoc()
	for i := range d.Sections {
		d.Sections[i].Text = strings.Repeat(d.Sections[i].Text+" ", 9)
	}
	return d
}

func mustRender(t *testing.T, d Document) []byte {
	t.Helper()
	pdf, err := Render(d)
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// poppler runs one of poppler's tools on pdf, or skips where it is missing.
func poppler(t *testing.T, tool string, pdf []byte, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Skipf("%s is not installed (package poppler-utils)", tool)
	}
	file := filepath.Join(t.TempDir(), "doc.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, append([]string{file}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, out)
	}
	return string(out)
}

func text(t *testing.T, pdf []byte) string {
	t.Helper()
	return poppler(t, "pdftotext", pdf, "-layout", "-")
}

func TestText(t *testing.T) {
	for _, tc := range []struct {
		name string
		doc  Document
		want []string
	}{
		{"Russian", russianDoc(), []string{
			"Клиника «Меридиан»", "Консультативное заключение", "№ 2026-000147 от 24 ноября 2026 г.", "Соколова Анна Викторовна",
			"12 апреля 1987 г., женский", "МК-000312", "Орлов Дмитрий Сергеевич", "13:00–13:24 (UTC+3)", "видеосвязь",
			"Жалобы", "Анамнез", "Диагноз", "J06.9", "МКБ-10", "неуточнённая", "1 500 ₽", "Лицензия Л041",
		}},
		{"English", englishDoc(), []string{
			"Meridian Clinic", "Consultation report", "No. 2026-000148, 24 November 2026", "Emily Carter", "Date of birth, sex",
			"Recommendations", "ICD-10",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := text(t, mustRender(t, tc.doc))
			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in:\n%s", want, got)
				}
			}
		})
	}
}

func TestPages(t *testing.T) {
	pdf := mustRender(t, longDoc())
	info := poppler(t, "pdfinfo", pdf)
	m := regexp.MustCompile(`Pages:\s+(\d+)`).FindStringSubmatch(info)
	if m == nil || m[1] == "1" {
		t.Fatalf("a long document has one page:\n%s", info)
	}
	got := strings.Split(text(t, pdf), "\f")
	for i, page := range got[:len(got)-1] {
		if want := fmt.Sprintf(`%d ?/ ?%s\n`, i+1, m[1]); !regexp.MustCompile(want).MatchString(page) {
			t.Errorf("page %d does not say %q", i+1, want)
		}
		if !strings.Contains(page, "2026-000147") {
			t.Errorf("page %d does not name the document", i+1)
		}
	}
}

func TestFonts(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(poppler(t, "pdffonts", mustRender(t, russianDoc()))), "\n")[2:]
	if len(rows) != 2 {
		t.Errorf("%d fonts, want 2", len(rows))
	}
	for _, row := range rows {
		// name, type (two words), encoding, emb, sub, uni
		f := strings.Fields(row)
		if len(f) < 7 || !strings.HasPrefix(f[0], subsetTag) || f[4] != "yes" || f[5] != "yes" || f[6] != "yes" {
			t.Errorf("not embedded, subset or mapped to Unicode: %s", row)
		}
	}
}

func TestDeterministic(t *testing.T) {
	want := mustRender(t, russianDoc())
	for range 3 {
		if !bytes.Equal(mustRender(t, russianDoc()), want) {
			t.Fatal("two renderings differ")
		}
	}
	changed := russianDoc()
	changed.Sections[0].Text += "."
	if bytes.Equal(mustRender(t, changed), want) {
		t.Error("a changed text gives the same file")
	}
	other := russianDoc()
	other.SignedAt = other.SignedAt.In(moscow)
	if other.Digest() != mustDigest(russianDoc()) {
		t.Error("the same moment in another zone changes the digest")
	}
}

func mustDigest(d Document) string { return d.Digest() }

// TestStructure checks what PDF/A-2b asks of the file's structure.
func TestStructure(t *testing.T) {
	raw := mustRender(t, russianDoc())
	for name, want := range map[string]string{
		"version": "%PDF-1.7", "identifier": "/ID [<", "output intent": "/S /GTS_PDFA1", "metadata": "<pdfaid:part>2</pdfaid:part>",
		"level": "<pdfaid:conformance>B</pdfaid:conformance>", "language": "/Lang (ru)", "profile": "/DestOutputProfile",
	} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("%s: no %q", name, want)
		}
	}
	for _, bad := range []string{"/Encrypt", "/JavaScript", "/Launch", "/URI", "/SMask", "/ca 0", "/EmbeddedFiles", "/BM /", "utf8qq"} {
		if bytes.Contains(raw, []byte(bad)) {
			t.Errorf("the file has %s", bad)
		}
	}
	st, err := parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	for number, at := range st.offsets[1:] {
		if want := fmt.Sprintf("%d 0 obj", number+1); !bytes.HasPrefix(raw[at:], []byte(want)) {
			t.Errorf("the table's entry of object %d points to %q", number+1, raw[at:at+12])
		}
	}
	icc := srgbProfile()
	if string(icc[36:40]) != "acsp" || int(icc[2])<<8|int(icc[3]) != len(icc) {
		t.Error("the colour profile's header is wrong")
	}
}

// hostileDoc is what a person could type to break things.
func hostileDoc() Document {
	d := russianDoc()
	d.Patient.Name = strings.Repeat("Оченьдлинноеимя", 30)
	d.Practitioner.Name = "Dr \u202egnp.exe \x00\x07 (тест) \\ <<>> endobj"
	d.Number = "№<>&\"'()/1"
	d.Clinic.Name = "«" + strings.Repeat("Длинная ", 20) + "»"
	d.Sections = []Section{
		{Key: "complaint", Text: strings.Repeat("А", 5000)},
		{Key: "anamnesis", Text: "😀 смайл 👩🏽‍⚕️ и 中文 \ufeff\u200b конец"},
		{Key: "findings", Text: "имя: שלום עולם (hebrew) и مرحبا"},
		{Key: "diagnosis", Code: strings.Repeat("Z", 300), Text: "строка\r\nдругая\u2028третья\tтаб"},
		{Title: strings.Repeat("Заголовок ", 40), Text: "верх" + strings.Repeat("\n", 300) + "низ"},
		{Key: "unknown", Text: "\xff\xfe не UTF-8"},
	}
	return d
}

// TestHostileText: nothing a person can type breaks the layout.
func TestHostileText(t *testing.T) {
	pdf := mustRender(t, hostileDoc())
	got := text(t, pdf)
	for _, want := range []string{"□ смайл", "конец", "низ", "endobj", "третья таб", "hebrew"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in the text", want)
		}
	}
	if strings.Contains(got, "\u202e") {
		t.Error("a direction override is in the text")
	}
	// No word sticks out of the page, as poppler sees it.
	boxes := poppler(t, "pdftotext", pdf, "-bbox", "-")
	for _, m := range regexp.MustCompile(`xMax="([0-9.]+)"`).FindAllStringSubmatch(boxes, -1) {
		var x float64
		if _, err := fmt.Sscan(m[1], &x); err != nil || x > (pageWidth-marginSide)/pointMM+1 {
			t.Fatalf("a word ends at %s points", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`yMax="([0-9.]+)"`).FindAllStringSubmatch(boxes, -1) {
		var y float64
		if _, err := fmt.Sscan(m[1], &y); err != nil || y > pageHeight/pointMM {
			t.Fatalf("a word is at %s points from the top", m[1])
		}
	}
}

func TestIncomplete(t *testing.T) {
	for name, change := range map[string]func(*Document){
		"number":  func(d *Document) { d.Number = "" },
		"patient": func(d *Document) { d.Patient.Name = "" },
		"text":    func(d *Document) { d.Sections = nil },
		"time":    func(d *Document) { d.SignedAt = time.Time{} },
	} {
		d := russianDoc()
		change(&d)
		if _, err := Render(d); !errors.Is(err, ErrIncomplete) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// TestParallel renders at once what shares the embedded fonts.
func TestParallel(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mustRender(t, russianDoc())
		})
	}
}

func BenchmarkRender(b *testing.B) {
	d := russianDoc()
	for b.Loop() {
		if _, err := Render(d); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPreview writes samples for a look when PREVIEW names a folder.
func TestPreview(t *testing.T) {
	dir := os.Getenv("PREVIEW")
	if dir == "" {
		t.Skip("PREVIEW is not set")
	}
	s := newTestSigner(t)
	for name, d := range map[string]Document{"ru": russianDoc(), "en": englishDoc(), "long": longDoc(), "hostile": hostileDoc()} {
		d.Seal = s.Seal()
		signed, err := s.Sign(mustRender(t, d), d.SignedAt, "test")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), signed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
