package record

import (
	"fmt"
	"time"
)

// words are the fixed texts of one language.
type words struct {
	title, number, of                                  string
	patient, born, sex, card, doctor, visit, service   string
	licence, signed, signedBy, certificate, validUntil string
	signature, content, code                           string
	agreed, agreedAt, version, shown                   string
	sexes, modalities, sections                        map[string]string
	months                                             [12]string
	date                                               func(w *words, t time.Time) string
}

// wordsFor returns the texts of a locale; an unknown one gets English.
func wordsFor(locale string) *words {
	if len(locale) >= 2 && locale[:2] == "ru" {
		return russian()
	}
	return english()
}

func english() *words {
	return &words{
		title: "Consultation report", number: "No.", of: "of",
		patient: "Patient", born: "Date of birth", sex: "Sex", card: "Medical card",
		doctor: "Doctor", visit: "Consultation", service: "Service", licence: "Licence",
		signed: "Signed electronically", signedBy: "Owner", certificate: "Certificate", validUntil: "Valid",
		signature: "Doctor", content: "Content", code: "ICD-10",
		agreed: "Agreed to electronically", agreedAt: "Agreed to on", version: "Version of the text", shown: "Text shown, SHA-256",
		sexes:      map[string]string{"male": "male", "female": "female"},
		modalities: map[string]string{"video": "video call", "audio": "audio call", "chat": "chat"},
		sections: map[string]string{
			"complaint": "Complaints", "anamnesis": "History", "findings": "Findings",
			"diagnosis": "Diagnosis", "plan": "Recommendations",
		},
		months: [12]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		date: func(w *words, t time.Time) string {
			return fmt.Sprintf("%d %s %d", t.Day(), w.months[t.Month()-1], t.Year())
		},
	}
}

func russian() *words {
	return &words{
		title: "Консультативное заключение", number: "№", of: "от",
		patient: "Пациент", born: "Дата рождения", sex: "Пол", card: "Медицинская карта",
		doctor: "Врач", visit: "Консультация", service: "Услуга", licence: "Лицензия",
		signed: "Документ подписан электронной подписью", signedBy: "Владелец",
		certificate: "Сертификат", validUntil: "Действителен",
		signature: "Врач", content: "Содержание", code: "МКБ-10",
		agreed: "Подтверждено электронно", agreedAt: "Подтверждено", version: "Версия текста", shown: "Показанный текст, SHA-256",
		sexes:      map[string]string{"male": "мужской", "female": "женский"},
		modalities: map[string]string{"video": "видеосвязь", "audio": "аудиосвязь", "chat": "чат"},
		sections: map[string]string{
			"complaint": "Жалобы", "anamnesis": "Анамнез", "findings": "Данные осмотра",
			"diagnosis": "Диагноз", "plan": "Рекомендации",
		},
		months: [12]string{
			"января", "февраля", "марта", "апреля", "мая", "июня",
			"июля", "августа", "сентября", "октября", "ноября", "декабря",
		},
		date: func(w *words, t time.Time) string {
			return fmt.Sprintf("%d %s %d г.", t.Day(), w.months[t.Month()-1], t.Year())
		},
	}
}

// day prints the date of t as it stands, without changing its zone.
func (w *words) day(t time.Time) string { return w.date(w, t) }

// birth prints a YYYY-MM-DD date, or the text as it is when it is none.
func (w *words) birth(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return w.day(t)
}

// span prints a visit's day, times and zone.
func (w *words) span(start, end time.Time) string {
	s := w.day(start) + ", " + start.Format("15:04")
	if end.After(start) {
		s += "–" + end.Format("15:04")
	}
	return s + " (" + offset(start) + ")"
}

// offset names a zone by its distance from UTC, which every reader knows.
func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := '+'
	if seconds < 0 {
		sign, seconds = '−', -seconds
	}
	if m := seconds / 60 % 60; m != 0 {
		return fmt.Sprintf("UTC%c%d:%02d", sign, seconds/3600, m)
	}
	return fmt.Sprintf("UTC%c%d", sign, seconds/3600)
}
