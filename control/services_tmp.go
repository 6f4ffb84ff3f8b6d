package control

type (
	Sessions     struct{ *core }
	Clinics      struct{ *core }
	Patients     struct{ *core }
	Appointments struct{ *core }
	Encounters   struct{ *core }
	Documents    struct{ *core }
	Compositions struct{ *core }
	Audit        struct{ *core }
	Actor        struct{}
	Message      struct{}
)

// Links are the demo's sign-in links: full URLs by who they are for.
type Links map[string]string
