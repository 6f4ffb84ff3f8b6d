package control

import "consilium/store"

// tables are the collections of every noun, with the indexes that queries use.
type tables struct {
	clinics       *store.Collection[Clinic] // scope store.Global
	keys          *store.Collection[clinicKey]
	rooms         *store.Collection[roomPlace]
	practitioners *store.Collection[Practitioner]
	patients      *store.Collection[Patient]
	accounts      *store.Collection[Account]
	services      *store.Collection[Service]
	schedules     *store.Collection[Schedule]
	sessions      *store.Collection[Session]
	links         *store.Collection[SignInLink]
	credentials   *store.Collection[Credential]
	attempts      *store.Collection[attempt]
	tokens        *store.Collection[APIToken]
	jobs          *store.Collection[Job]
	idempotency   *store.Collection[idempotent]

	alarms        *store.Collection[alarm]
	alarmsByDue   *store.Index[alarm]
	armings       *store.Collection[arming]
	waits         *store.Collection[WaitEntry]
	waitsByTurn   *store.Index[WaitEntry]
	waitsOf       *store.Index[WaitEntry]
	versions      *store.Collection[CompositionVersion]
	appointments  *store.Collection[Appointment]
	byStart       *store.Index[Appointment]
	byDoctor      *store.Index[Appointment]
	byPatient     *store.Index[Appointment]
	taken         *store.Index[Appointment] // a doctor's time, without reading visits
	pending       *store.Index[Appointment]
	dayCounts     *store.Tally[Appointment]
	pendingCounts *store.Tally[Appointment]
	encounters    *store.Collection[Encounter]
	messages      *store.Collection[chatMessage]
	bySeq         *store.Index[chatMessage]
	byClient      *store.Index[chatMessage]
	documents     *store.Collection[Document]
	docsByPatient *store.Index[Document]
	docsByBlob    *store.Index[Document]
	compositions  *store.Collection[Composition]

	linksByAccount   *store.Index[SignInLink]
	emergencies      *store.Collection[Emergency]
	emergenciesOpen  *store.Index[Emergency] // who waits, by when they asked
	emergenciesTaken *store.Index[Emergency] // whom a doctor took, by when
	offersByID       *store.Index[Emergency]
	offersTo         *store.Index[Emergency] // what a doctor may accept now
	duties           *store.Collection[Duty]
	helpPolicies     *store.Collection[HelpPolicy]
	pushDevices      *store.Collection[pushDevice]
	pushByAccount    *store.Index[pushDevice]
	pushBySession    *store.Index[pushDevice]

	accountsByLogin   *store.Index[Account]
	sessionsByAccount *store.Index[Session]
	jobsByDue         *store.Index[Job]
	slowJobs          *store.Collection[Job]
	slowByDue         *store.Index[Job]
	feeds             *store.Collection[Feed]
	feedsByAccount    *store.Index[Feed]
	reminders         *store.Collection[reminder]
	remindersByDue    *store.Index[reminder]

	patientTables
	questionnaires *store.Collection[Questionnaire]
	asked          *store.Collection[Questionnaire] // every version
	intakes        *store.Collection[Intake]
	wordings       *store.Collection[wording]

	numbers *store.Sequence
	trail   *store.Log[AuditEvent]
}

func newTables() *tables {
	t := &tables{
		patientTables: newPatientTables(),

		clinics:       store.NewCollection("clinic", func(v *Clinic) string { return string(v.ID) }),
		keys:          store.NewCollection("clinic_key", func(v *clinicKey) string { return v.ID }),
		rooms:         store.NewCollection("room", func(v *roomPlace) string { return string(v.Encounter) }),
		practitioners: store.NewCollection("practitioner", func(v *Practitioner) string { return string(v.ID) }),
		services:      store.NewCollection("service", func(v *Service) string { return string(v.ID) }),
		schedules:     store.NewCollection("schedule", func(v *Schedule) string { return string(v.Practitioner) }),
		credentials:   store.NewCollection("credential", func(v *Credential) string { return string(v.Account) }),
		attempts:      store.NewCollection("sign_in", func(v *attempt) string { return v.ID }),
		tokens:        store.NewCollection("api_token", func(v *APIToken) string { return string(v.ID) }),
		idempotency:   store.NewCollection("idempotency", func(v *idempotent) string { return v.ID }),
		numbers:       store.NewSequence("number"),
		trail:         store.NewLog[AuditEvent]("audit"),

		byStart:  store.IndexBy("start", func(v *Appointment) store.Key { return store.Time(v.Start) }),
		byDoctor: store.IndexBy("doctor", func(v *Appointment) store.Key { return store.Text(string(v.Practitioner)).Time(v.Start) }),
		byPatient: store.IndexBy("patient", func(v *Appointment) store.Key {
			return store.Text(string(v.Patient)).Time(v.Start)
		}),
		taken:         store.IndexBy("taken", (*Appointment).takenKey),
		pending:       store.IndexEach("pending", (*Appointment).pendingKeys),
		dayCounts:     store.TallyEach("day", (*Appointment).dayKeys),
		pendingCounts: store.TallyEach("pending", (*Appointment).pendingCountKeys),
		bySeq: store.UniqueBy("seq", func(v *chatMessage) store.Key {
			return store.Text(string(v.Encounter)).Number(int64(v.Seq))
		}),
		byClient: store.UniqueBy("client", func(v *chatMessage) store.Key {
			return store.Text(string(v.Encounter)).Text(v.Sender).Text(v.ClientID)
		}),
		docsByPatient: store.IndexBy("patient", func(v *Document) store.Key {
			return store.Text(string(v.Patient)).Time(v.CreatedAt)
		}),
		linksByAccount:    store.IndexBy("account", func(v *SignInLink) store.Key { return linkKey(v.Account, v.Kind) }),
		accountsByLogin:   store.IndexEach("login", (*Account).logins).Blinded(),
		docsByBlob:        store.IndexBy("blob", func(v *Document) store.Key { return store.Text(v.Blob) }),
		sessionsByAccount: store.IndexBy("account", func(v *Session) store.Key { return store.Text(string(v.Account)) }),
		jobsByDue:         store.IndexBy("due", func(v *Job) store.Key { return store.Time(v.Due) }),
	}
	t.emergencyTables()
	t.questionnaires = store.NewCollection("questionnaire", func(v *Questionnaire) string { return string(v.Service) })
	t.asked = store.NewCollection("questionnaire_version", func(v *Questionnaire) string { return questionnaireID(v.Service, v.Version) })
	t.wordings = store.NewCollection("wording", func(v *wording) string { return v.ID })
	t.intakes = store.NewCollection("intake", func(v *Intake) string { return string(v.Thread) }).
		OwnedBy(func(v *Intake) string { return string(v.Patient) })
	t.alarmsByDue = store.IndexBy("due", (*alarm).due)
	t.alarms = store.NewCollection("alarm", func(v *alarm) string { return string(v.Appointment) }, t.alarmsByDue)
	t.armings = store.NewCollection("arming", func(v *arming) string { return v.ID })
	t.waitsByTurn = store.IndexBy("turn", (*WaitEntry).turn)
	t.waitsOf = store.IndexBy("patient", func(v *WaitEntry) store.Key { return store.Text(string(v.Patient)).Time(v.Created) })
	t.waits = store.NewCollection("wait", func(v *WaitEntry) string { return string(v.ID) }, t.waitsByTurn, t.waitsOf).
		OwnedBy(func(v *WaitEntry) string { return string(v.Patient) })
	t.versions = store.NewCollection("composition_version", (*CompositionVersion).id).
		OwnedBy(func(v *CompositionVersion) string { return string(v.Patient) })
	t.accounts = store.NewCollection("account", func(v *Account) string { return string(v.ID) }, t.accountsByLogin).
		OwnedBy(func(v *Account) string { return string(v.Patient) })
	t.links = store.NewCollection("link", func(v *SignInLink) string { return v.ID }, t.linksByAccount)
	t.sessions = store.NewCollection("session", func(v *Session) string { return string(v.ID) }, t.sessionsByAccount)
	t.remindersByDue = store.IndexBy("due", func(v *reminder) store.Key {
		if v.Due.IsZero() {
			return ""
		}
		return store.Time(v.Due)
	})
	t.feedsByAccount = store.IndexBy("account", func(v *Feed) store.Key { return store.Text(string(v.Account)) })
	t.feeds = store.NewCollection("feed", func(v *Feed) string { return v.ID }, t.feedsByAccount)
	t.reminders = store.NewCollection("reminder", func(v *reminder) string { return string(v.Appointment) }, t.remindersByDue)
	t.slowByDue = store.IndexBy("due", func(v *Job) store.Key { return store.Time(v.Due) })
	t.slowJobs = store.NewCollection("courier", func(v *Job) string { return v.ID }, t.slowByDue).
		OwnedBy(func(v *Job) string { return string(v.Patient) })
	t.jobs = store.NewCollection("outbox", func(v *Job) string { return v.ID }, t.jobsByDue)

	// What is told about a patient is sealed under the patient's own key.
	t.patients = store.NewCollection("patient", func(v *Patient) string { return string(v.ID) }, t.patientsByIdentity).
		OwnedBy(func(v *Patient) string { return string(v.ID) })
	t.appointments = store.NewCollection("appointment", func(v *Appointment) string { return string(v.ID) }, t.byStart, t.byDoctor, t.byPatient, t.taken, t.pending, t.byColleague).
		Tallied(t.dayCounts, t.pendingCounts).
		OwnedBy(func(v *Appointment) string { return string(v.Patient) })
	t.encounters = store.NewCollection("encounter", func(v *Encounter) string { return string(v.ID) }).
		OwnedBy(func(v *Encounter) string { return string(v.Patient) })
	t.messages = store.NewCollection("message", func(v *chatMessage) string { return v.ID }, t.bySeq, t.byClient).
		OwnedBy(func(v *chatMessage) string { return string(v.Patient) })
	t.documents = store.NewCollection("document", func(v *Document) string { return string(v.ID) }, t.docsByPatient, t.docsByBlob).
		OwnedBy(func(v *Document) string { return string(v.Patient) })
	t.compositions = store.NewCollection("composition", func(v *Composition) string { return string(v.Encounter) }).
		OwnedBy(func(v *Composition) string { return string(v.Patient) })
	return t
}

// emergencyTables are those of the queue for help at once.
func (t *tables) emergencyTables() {
	t.emergenciesOpen = store.IndexBy("open", func(v *Emergency) store.Key {
		if !v.Ended.IsZero() {
			return ""
		}
		return store.Time(v.Asked)
	})
	t.emergenciesTaken = store.IndexBy("taken", func(v *Emergency) store.Key {
		if v.Taken == "" {
			return ""
		}
		return store.Time(v.Ended)
	})
	t.offersByID = store.IndexEach("offer", (*Emergency).offerKeys)
	t.offersTo = store.IndexEach("to", (*Emergency).openTo)
	t.emergencies = store.NewCollection("emergency", func(v *Emergency) string { return string(v.ID) },
		t.emergenciesOpen, t.emergenciesTaken, t.offersByID, t.offersTo).
		OwnedBy(func(v *Emergency) string { return string(v.Patient) })
	t.duties = store.NewCollection("duty", func(v *Duty) string { return string(v.Practitioner) })
	t.helpPolicies = store.NewCollection("help_policy", func(v *HelpPolicy) string { return v.ID })
	t.pushByAccount = store.IndexBy("account", func(v *pushDevice) store.Key { return store.Text(string(v.Account)) })
	t.pushBySession = store.IndexBy("session", func(v *pushDevice) store.Key { return store.Text(string(v.Session)) })
	t.pushDevices = store.NewCollection("push_device", func(v *pushDevice) string { return v.ID }, t.pushByAccount, t.pushBySession)
}
