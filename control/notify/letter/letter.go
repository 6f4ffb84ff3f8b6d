package letter

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"strings"
	"text/template"
	"unicode"
)

// Each kind of message is one file per language with named parts:
//
//	subject  one line; the subject of an email
//	sms      one line: the whole SMS
//	body     paragraphs with empty lines between them; one that is {{.code}} alone stands out
//	button   the words on the link, where the message has a {{.link}}
//	note     small print at the end; may be absent
//
// The text and the HTML of an email come from the same parts, so that they never differ.
//
//go:embed templates
var files embed.FS

// Fallback is the language of whoever's own is not spoken here.
const Fallback = "en"

// Letter is a worded message. An SMS has only Text.
type Letter struct {
	Subject string
	Text    string
	HTML    string
}

// Writer words messages. It is immutable and safe for concurrent use.
type Writer struct {
	kinds  map[string]map[string]*template.Template // by language, then kind
	text   *template.Template
	layout *htmltemplate.Template
}

// New reads the templates that are built in.
func New() (*Writer, error) {
	w := &Writer{kinds: map[string]map[string]*template.Template{}}
	var err error
	if w.text, err = template.ParseFS(files, "templates/layout.txt"); err != nil {
		return nil, fmt.Errorf("read the layout of texts: %w", err)
	}
	if w.layout, err = htmltemplate.ParseFS(files, "templates/layout.html"); err != nil {
		return nil, fmt.Errorf("read the layout of emails: %w", err)
	}
	names, err := fs.Glob(files, "templates/*/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	for _, name := range names {
		t, err := template.New(path.Base(name)).Option("missingkey=error").ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the template %s: %w", name, err)
		}
		locale, kind := path.Base(path.Dir(name)), strings.TrimSuffix(path.Base(name), ".tmpl")
		if w.kinds[locale] == nil {
			w.kinds[locale] = map[string]*template.Template{}
		}
		w.kinds[locale][kind] = t
	}
	return w, nil
}

// Locale returns the language that a person who set this one is written to in.
func (w *Writer) Locale(locale string) string {
	language, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if _, ok := w.kinds[language]; ok {
		return language
	}
	return Fallback
}

// page is what the layouts are filled with.
type page struct {
	Lang       string
	Clinic     string
	Phone      string
	Subject    string
	Paragraphs []paragraph
	Link       string
	Button     string
	Note       string
}

type paragraph struct {
	Text string
	Code bool
}

// Email words an email. values need "clinic", and whatever the kind's template names;
// "link" is where its button leads, "phone" the clinic's own.
func (w *Writer) Email(kind, locale string, values map[string]string) (Letter, error) {
	locale = w.Locale(locale)
	values = clean(values)
	p := page{Lang: locale, Clinic: values["clinic"], Phone: values["phone"], Link: values["link"]}
	for part, into := range map[string]*string{"subject": &p.Subject, "button": &p.Button, "note": &p.Note} {
		var err error
		if *into, err = w.part(kind, locale, part, values); err != nil {
			return Letter{}, err
		}
	}
	if p.Button == "" {
		p.Link = ""
	}
	body, err := w.part(kind, locale, "body", values)
	if err != nil {
		return Letter{}, err
	}
	for text := range strings.SplitSeq(body, "\n\n") {
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			p.Paragraphs = append(p.Paragraphs, paragraph{text, text == values["code"]})
		}
	}
	if p.Subject == "" || len(p.Paragraphs) == 0 {
		return Letter{}, fmt.Errorf("the template %s/%s has no subject or no body", locale, kind)
	}
	var text, html strings.Builder
	if err := w.text.Execute(&text, p); err != nil {
		return Letter{}, fmt.Errorf("word %s as text: %w", kind, err)
	}
	if err := w.layout.Execute(&html, p); err != nil {
		return Letter{}, fmt.Errorf("word %s as HTML: %w", kind, err)
	}
	return Letter{Subject: p.Subject, Text: text.String(), HTML: html.String()}, nil
}

// SMS words an SMS: one line, as short as can be, for each 70 letters beyond the Latin
// ones are paid.
func (w *Writer) SMS(kind, locale string, values map[string]string) (Letter, error) {
	locale = w.Locale(locale)
	text, err := w.part(kind, locale, "sms", clean(values))
	if err != nil {
		return Letter{}, err
	}
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return Letter{}, fmt.Errorf("the template %s/%s has no sms", locale, kind)
	}
	return Letter{Text: text}, nil
}

// part fills in one named part; one that the template has not is empty.
func (w *Writer) part(kind, locale, name string, values map[string]string) (string, error) {
	t, ok := w.kinds[locale][kind]
	if !ok {
		return "", fmt.Errorf("there is no template %s/%s", locale, kind)
	}
	if t.Lookup(name) == nil {
		return "", nil
	}
	var out strings.Builder
	if err := t.ExecuteTemplate(&out, name, values); err != nil {
		return "", fmt.Errorf("word %s: %w", kind, err)
	}
	if name == "body" {
		return strings.TrimSpace(out.String()), nil
	}
	return strings.Join(strings.Fields(out.String()), " "), nil
}

// clean keeps what people wrote from bringing lines, headers or hidden direction marks
// of its own.
func clean(values map[string]string) map[string]string {
	out := make(map[string]string, len(values))
	for key, value := range values {
		out[key] = strings.TrimSpace(strings.Map(func(r rune) rune {
			switch {
			case unicode.IsControl(r), r == '\u2028', r == '\u2029':
				return ' '
			case unicode.Is(unicode.Cf, r):
				return -1
			}
			return r
		}, value))
	}
	return out
}
