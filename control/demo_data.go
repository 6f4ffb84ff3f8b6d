package control

import (
	"fmt"
	"time"

	"consilium/control/calendar"
	"consilium/control/notify"
)

const (
	demoWaiver      = "Демонстрация: оплата не требуется"
	demoInterpreter = "Sofia Marchetti"
)

func demoClinic() Clinic {
	return Clinic{
		Slug: "meridian", Name: Text{"ru": "Клиника «Меридиан»", "en": "Meridian Clinic"},
		Zone: "Europe/Moscow", Currency: "RUB", Languages: []string{"ru", "en"}, Accent: "#0f766e",
		Address: Text{"ru": "Москва, Садовая улица, 12", "en": "12 Sadovaya Street, Moscow"},
		Phone:   "+7 495 000-00-12", Licence: "ЛО-77-01-000012 от 14.03.2022", Demo: true, Settings: Settings{Quiet: DefaultQuiet()},
	}
}

// demoServices are the services; their ids are what demo_week.go calls them.
func demoServices() []Service {
	rub := func(roubles int64) Money { return Money{roubles * 100, "RUB"} }
	talk := []Modality{ModalityVideo, ModalityAudio, ModalityChat}
	return []Service{
		{ID: "initial", Name: Text{"ru": "Первичная консультация терапевта", "en": "First consultation, general practice"}, Duration: 30 * time.Minute, Price: rub(2500), Modalities: talk, Active: true},
		{ID: "followup", Name: Text{"ru": "Повторная консультация", "en": "Follow-up consultation"}, Duration: 20 * time.Minute, Price: rub(1800), Modalities: talk, Kind: KindFollowUp, Active: true},
		{ID: "cardiology", Name: Text{"ru": "Консультация кардиолога", "en": "Cardiology consultation"}, Duration: 40 * time.Minute, Price: rub(3500), Modalities: talk[:2], Active: true},
		{ID: "question", Name: Text{"ru": "Вопрос врачу в чате", "en": "Question to a doctor by chat"}, Duration: 15 * time.Minute, Price: rub(0), Modalities: talk[2:], Active: true},
		{ID: "urgent", Name: Text{"ru": "Срочная консультация дежурного врача", "en": "Urgent consultation with the doctor on duty"}, Duration: 20 * time.Minute, Price: rub(3000), Modalities: talk, Active: true, Urgent: true},
	}
}

// demoSchedule is a doctor's week: days of the week and windows.
func demoSchedule(key string) calendar.Rules {
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	rule := func(days []time.Weekday, from, to calendar.Clock) calendar.Rule {
		return calendar.Rule{Days: days, Window: calendar.Window{From: from * 60, To: to * 60}}
	}
	if key == "doctor" {
		return calendar.Rules{Weekly: []calendar.Rule{
			rule(weekdays, 9, 13), rule(weekdays, 14, 18), rule([]time.Weekday{time.Saturday}, 10, 14),
		}}
	}
	return calendar.Rules{Weekly: []calendar.Rule{rule(weekdays, 10, 17)}}
}

// demoPerson is an account with the doctor or patient behind it.
type demoPerson struct {
	account Account
	doctor  *Practitioner
	patient *Patient
	// attending is the key of the patient's doctor.
	attending string
}

// put writes a person; ids are the ids of all people by key.
func (p demoPerson) put(u *unit, key string, ids map[string]string, now time.Time) error {
	a := p.account
	a.ID = AccountID(ids[key])
	if p.doctor != nil {
		v := *p.doctor
		v.ID, v.Account, v.Name = PractitionerID(ids[key]), a.ID, a.Name
		v.LicenceExpires = now.AddDate(3, 0, 0)
		a.Role, a.Practitioner = RolePractitioner, v.ID
		if _, err := u.t.practitioners.Put(u, u.scope, &v, 0); err != nil {
			return err
		}
		hours := newSchedule(v.ID)
		hours.Rules = demoSchedule(key)
		if _, err := u.t.schedules.Put(u, u.scope, &hours, 0); err != nil {
			return err
		}
	}
	if p.patient != nil {
		v := *p.patient
		v.ID, v.Account, v.Name = PatientID(ids[key]), a.ID, a.Name
		v.Attending = PractitionerID(ids[p.attending])
		a.Role, a.Patient = RolePatient, v.ID
		for _, typed := range []string{v.Email, v.Phone} {
			channel, address, err := notify.ParseAddress(typed)
			switch {
			case err != nil:
				return fmt.Errorf("demo person %s: %w", key, err)
			case channel == notify.Email:
				a.Email = address
			default:
				a.Phone = address
			}
		}
		if _, err := u.t.patients.Put(u, u.scope, &v, 0); err != nil {
			return err
		}
		if err := u.agreeToAll(&v); err != nil {
			return err
		}
	}
	_, err := u.t.accounts.Put(u, u.scope, &a, 0)
	return err
}

// demoPeople are fictional; the telephone numbers and mail addresses reach nobody.
func demoPeople() map[string]demoPerson {
	return map[string]demoPerson{
		"admin":      {account: Account{Role: RoleAdmin, Name: "Ольга Викторовна Лебедева", Locale: "ru", Email: "admin@meridian.example"}},
		"registrar":  {account: Account{Role: RoleRegistrar, Name: "Татьяна Юрьевна Егорова", Locale: "ru", Email: "registrar@meridian.example"}},
		"accountant": {account: Account{Role: RoleAccountant, Name: "Сергей Николаевич Фомин", Locale: "ru", Email: "accountant@meridian.example"}},
		"doctor": {
			account: Account{Name: "Анна Сергеевна Морозова", Locale: "ru", Email: "doctor@meridian.example"},
			doctor: &Practitioner{
				Specialty: Text{"ru": "Терапевт", "en": "General practitioner"}, LicenceNo: "77-018231",
				Languages: []string{"ru", "en"}, Services: []ServiceID{"initial", "followup", "question", "urgent"},
			},
		},
		"doctor2": {
			account: Account{Name: "Михаил Андреевич Орлов", Locale: "ru", Email: "doctor2@meridian.example"},
			doctor: &Practitioner{
				Specialty: Text{"ru": "Кардиолог", "en": "Cardiologist"}, LicenceNo: "77-020467",
				Languages: []string{"ru", "en"}, Services: []ServiceID{"cardiology", "followup", "question", "urgent"},
			},
		},
		"doctor3": {
			account: Account{Name: "Вера Николаевна Климова", Locale: "ru"},
			doctor: &Practitioner{
				Specialty: Text{"ru": "Терапевт", "en": "General practitioner"}, LicenceNo: "77-021905",
				Languages: []string{"ru", "en"}, Services: []ServiceID{"initial", "followup", "question", "urgent"},
			},
		},
		"patient": {
			account: Account{Name: "Иван Петрович Соколов", Locale: "ru"}, attending: "doctor",
			patient: &Patient{
				BirthDate: "1978-04-19", Sex: "male", Phone: "+7 900 000-01-78", Email: "sokolov@example.org",
				Allergies:  Text{"ru": "пенициллин (сыпь)", "en": "penicillin (rash)"},
				Conditions: Text{"ru": "артериальная гипертензия 1 степени", "en": "hypertension, grade 1"},
			},
		},
		"patient2": {
			account: Account{Name: "Emily Carter", Locale: "en"}, attending: "doctor2",
			patient: &Patient{
				BirthDate: "1990-11-02", Sex: "female", Phone: "+44 7700 900112", Email: "emily.carter@example.org",
				Conditions: Text{"ru": "бронхиальная астма лёгкого течения", "en": "mild asthma"},
			},
		},
		"kuznetsova": {
			account: Account{Name: "Мария Дмитриевна Кузнецова", Locale: "ru"}, attending: "doctor",
			patient: &Patient{BirthDate: "1985-07-30", Sex: "female", Phone: "+7 900 000-02-85", Email: "kuznetsova@example.org"},
		},
		"novak": {
			account: Account{Name: "Daniel Novak", Locale: "en"}, attending: "doctor2",
			patient: &Patient{
				BirthDate: "1969-01-15", Sex: "male", Phone: "+420 700 000 169", Email: "novak@example.org",
				Conditions: Text{"ru": "ишемическая болезнь сердца", "en": "coronary artery disease"},
			},
		},
		"volkov": {
			account: Account{Name: "Алексей Игоревич Волков", Locale: "ru"}, attending: "doctor",
			patient: &Patient{BirthDate: "2001-09-08", Sex: "male", Phone: "+7 900 000-03-01", Email: "volkov@example.org"},
		},
		"belova": {
			account: Account{Name: "Елена Павловна Белова", Locale: "ru"}, attending: "doctor2",
			patient: &Patient{
				BirthDate: "1957-12-24", Sex: "female", Phone: "+7 900 000-04-57", Email: "belova@example.org",
				Allergies: Text{"ru": "йод", "en": "iodine"},
			},
		},
	}
}

// demoNote is what a past consultation came to.
type demoNote struct {
	chat     []string // patient and doctor in turn
	file     string   // name of a text file that the patient sent
	content  string
	sections Sections // without complaint and anamnesis, which are prefilled
}

func demoNotes() map[string]demoNote {
	return map[string]demoNote{
		"cold": {
			chat: []string{
				"Здравствуйте! Температура держится второй день, 37,6.", "Добрый день. Пришлите, пожалуйста, результат анализа крови.",
				"Отправил файл.", "Вижу, спасибо. Признаков бактериальной инфекции нет.",
			},
			file:    "Анализ крови.txt",
			content: "Общий анализ крови\nЛейкоциты 6,2 ×10⁹/л\nНейтрофилы 54 %\nЛимфоциты 37 %\nСОЭ 11 мм/ч\nС-реактивный белок 4 мг/л\n",
			sections: Sections{
				Findings:      "Состояние удовлетворительное. Зев умеренно гиперемирован, дыхание свободное. По общему анализу крови признаков бактериальной инфекции нет.",
				DiagnosisCode: "J06.9", Diagnosis: "Острая инфекция верхних дыхательных путей неуточнённая",
				Plan: "Тёплое питьё, режим дома 3–5 дней. Парацетамол 500 мг при температуре выше 38,5 °C, не чаще 4 раз в сутки. Повторная консультация при сохранении температуры дольше 3 дней, сразу — при одышке.",
			},
		},
		"pressure": {
			chat: []string{"Утром давление 145 на 90, днём 135 на 85.", "Продолжайте измерять дважды в день и записывать."},
			sections: Sections{
				Findings:      "АД по дневнику 135–145/85–90 мм рт. ст., пульс 72–78. Отёков нет.",
				DiagnosisCode: "I10", Diagnosis: "Эссенциальная (первичная) гипертензия",
				Plan: "Продолжить периндоприл 5 мг утром. Ограничить соль до 5 г в сутки. Дневник давления две недели, затем повторная консультация.",
			},
		},
		"heart": {
			chat: []string{"I had chest tightness twice last week, only when climbing stairs.", "Thank you. Did it stop when you rested?", "Yes, within two minutes."},
			sections: Sections{
				Findings:      "Дискомфорт за грудиной при подъёме на 3-й этаж, проходит в покое за 2 минуты. АД 128/80 мм рт. ст., пульс 66.",
				DiagnosisCode: "I20.8", Diagnosis: "Другие формы стенокардии",
				Plan: "ЭКГ с нагрузкой в течение недели. Нитроглицерин при приступе; если боль не проходит за 5 минут — вызвать скорую помощь. Продолжить аторвастатин 20 мг.",
			},
		},
		"headache": {
			sections: Sections{
				Findings:      "Очаговой неврологической симптоматики при осмотре по видео нет.",
				DiagnosisCode: "G44.2", Diagnosis: "Головная боль напряжённого типа",
				Plan: "Режим сна, перерывы в работе за экраном. Ибупрофен 400 мг при боли, не более 2 дней в неделю.",
			},
		},
	}
}
