package record

import (
	"os"
	"strings"
	"testing"
)

// TestAgreement: a text that a patient agreed to needs no doctor and no visit, names the
// patient where a conclusion names the doctor, and says which text it was.
func TestAgreement(t *testing.T) {
	d := russianDoc()
	d.Title, d.Practitioner = "Договор об оказании медицинских услуг", Practitioner{}
	d.Visit = Visit{Zone: moscow}
	d.Sections = []Section{{Text: strings.Repeat("Клиника оказывает пациенту консультации дистанционно. ", 20)}}
	if _, err := Render(d); err == nil {
		t.Error("without a doctor it was taken for a conclusion")
	}
	d.Agreement = &Agreement{Version: "7", Digest: strings.Repeat("ab12", 16)}
	pdf := mustRender(t, d)
	if name := os.Getenv("KEEP_PDF"); name != "" {
		if err := os.WriteFile(name, pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := poppler(t, "pdftotext", pdf, "-layout", "-")
	for _, want := range []string{"Договор об оказании медицинских услуг", "Версия текста", "7", "ab12ab12ab12ab12", "Подтверждено электронно", d.Patient.Name} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper lacks %q:\n%s", want, text)
		}
	}
	for _, not := range []string{"Врач", "Консультация", "Услуга"} {
		if strings.Contains(text, not) {
			t.Errorf("the paper of a consent speaks of %q", not)
		}
	}
}
