package control

// Operation names what an actor wants to do. Each exported operation of this
// package has exactly one and checks it before anything else.
type Operation string

// The operations.
const (
	OpFeeds            Operation = "feed.own"
	OpReadMe           Operation = "me.read"
	OpUpdateMe         Operation = "me.update"
	OpSignOut          Operation = "session.end"
	OpOpenLive         Operation = "live.open"
	OpReadClinic       Operation = "clinic.read"
	OpListPatients     Operation = "patient.list"
	OpListAppointments Operation = "appointment.list"
	OpReadAppointment  Operation = "appointment.read"
	OpCountDays        Operation = "appointment.count"
	OpReadBoard        Operation = "appointment.board"
	OpListOutside      Operation = "appointment.outside"
	OpReadSchedule     Operation = "schedule.read"
	OpSetSchedule      Operation = "schedule.set"
	OpListSlots        Operation = "slot.list"
	OpBook             Operation = "appointment.book"
	OpConfirm          Operation = "appointment.confirm"
	OpCheckIn          Operation = "appointment.check_in"
	OpLeave            Operation = "appointment.leave"
	OpCancel           Operation = "appointment.cancel"
	OpDecline          Operation = "appointment.decline"
	OpNoShow           Operation = "appointment.no_show"
	OpReadEncounter    Operation = "encounter.read"
	OpJoin             Operation = "encounter.join"
	OpAdmit            Operation = "encounter.admit"
	OpInviteGuest      Operation = "encounter.invite"
	OpFinish           Operation = "encounter.finish"
	OpReadChat         Operation = "chat.read"
	OpWriteChat        Operation = "chat.write"
	OpUpload           Operation = "document.upload"
	OpReadDocument     Operation = "document.read"
	OpReadComposition  Operation = "composition.read"
	OpWriteComposition Operation = "composition.write"
	OpSignComposition  Operation = "composition.sign"
	OpReadCard         Operation = "card.read"
	OpReadSettings     Operation = "clinic.settings"
	OpSetClinic        Operation = "clinic.set"
	OpListStaff        Operation = "staff.list"
	OpSetStaff         Operation = "staff.set"
	OpListServices     Operation = "service.list"
	OpSetService       Operation = "service.set"
	OpReadAudit        Operation = "audit.read"

	OpReadSecurity   Operation = "security.read"
	OpChangeSecurity Operation = "security.change"
	OpListSessions   Operation = "session.list"
	OpEndSession     Operation = "session.end_other"
	OpManageTokens   Operation = "token.manage"
	// Of patients, their cards and who sees them.
	OpErasePatient      Operation = "patient.erase"
	OpExportCard        Operation = "card.export"
	OpInvitePatient     Operation = "patient.invite"
	OpListInvites       Operation = "patient.invite.list"
	OpDecideInvite      Operation = "patient.invite.decide"
	OpReadReadings      Operation = "card.readings"
	OpBreakGlass        Operation = "card.break_glass"
	OpEndBreakGlass     Operation = "card.break_glass.end"
	OpListBreakGlass    Operation = "card.break_glass.list"
	OpTransferPatient   Operation = "patient.transfer"
	OpInviteColleague   Operation = "encounter.colleague"
	OpRemoveParticipant Operation = "encounter.remove"
	OpListJoint         Operation = "encounter.joint"
	OpReadConsents      Operation = "consent.read"
	OpAnswerConsents    Operation = "consent.answer"

	// Of the server's operator alone.
	OpListClinics     Operation = "clinic.list"
	OpCreateClinic    Operation = "clinic.create"
	OpSetJurisdiction Operation = "clinic.jurisdiction"
	OpSuspendClinic   Operation = "clinic.suspend"
	OpExportAudit     Operation = "audit.export"
	OpVerifyAudit     Operation = "audit.verify"
	OpResetFactors    Operation = "security.reset"

	OpAskHelp           Operation = "emergency.ask"
	OpReadEmergency     Operation = "emergency.read"
	OpWithdrawEmergency Operation = "emergency.withdraw"
	OpListEmergencies   Operation = "emergency.list"
	OpDeclineEmergency  Operation = "emergency.decline"
	OpAssignEmergency   Operation = "emergency.assign"
	OpAnswerOffer       Operation = "offer.answer"
	OpSetDuty           Operation = "duty.set"
	OpSetPush           Operation = "push.set"
	OpSetHelpPolicy     Operation = "emergency.policy"

	OpHold           Operation = "appointment.hold"
	OpRelease        Operation = "appointment.release"
	OpSettle         Operation = "appointment.settle"
	OpReschedule     Operation = "appointment.reschedule"
	OpFollowUp       Operation = "appointment.follow_up"
	OpBegin          Operation = "appointment.begin"
	OpSwitchModality Operation = "appointment.switch_modality"
	OpReportError    Operation = "appointment.report_error"
	OpApproveError   Operation = "appointment.approve_error"
	OpReadWaitlist   Operation = "waitlist.read"
	OpJoinWaitlist   Operation = "waitlist.join"
	OpLeaveWaitlist  Operation = "waitlist.leave"
	OpAmend          Operation = "composition.amend"

	OpReadQuestionnaire Operation = "questionnaire.read"
	OpSetQuestionnaire  Operation = "questionnaire.set"
	OpReadIntake        Operation = "intake.read"
	OpFillIntake        Operation = "intake.fill"
	OpDecideIntake      Operation = "intake.decide"
	OpReadContact       Operation = "contact.read"
	OpSetContact        Operation = "contact.set"
)

// permission says which roles may ever do an operation. Whose appointment, card
// or room it is decides afterwards, beside the noun.
type permission struct {
	op                                                   Operation
	admin, registrar, accountant, doctor, patient, guest bool
}

// permissions is the one table of role × operation. What has no row is refused.
func permissions() []permission {
	const yes, no = true, false
	return []permission{
		//                   admin registrar accountant doctor patient guest
		{OpFeeds, yes, yes, no, yes, yes, no},
		{OpReadMe, yes, yes, yes, yes, yes, yes},
		{OpUpdateMe, yes, yes, yes, yes, yes, yes},
		{OpSignOut, yes, yes, yes, yes, yes, yes},
		{OpOpenLive, yes, yes, yes, yes, yes, yes},
		{OpReadClinic, yes, yes, yes, yes, yes, no},
		{OpListPatients, yes, yes, no, yes, no, no},
		{OpListAppointments, yes, yes, no, yes, yes, no},
		{OpReadAppointment, yes, yes, no, yes, yes, no},
		{OpCountDays, yes, yes, no, yes, no, no},
		{OpReadBoard, yes, yes, no, yes, no, no},
		{OpListOutside, yes, yes, no, yes, no, no},
		{OpReadSchedule, yes, yes, no, yes, no, no},
		{OpSetSchedule, yes, yes, no, yes, no, no},
		{OpListSlots, yes, yes, no, yes, yes, no},
		{OpBook, yes, yes, no, yes, yes, no},
		{OpConfirm, yes, yes, no, yes, yes, no},
		{OpCheckIn, no, no, no, no, yes, no},
		{OpLeave, no, no, no, no, yes, no},
		{OpCancel, yes, yes, no, yes, yes, no},
		{OpDecline, yes, yes, no, yes, no, no},
		{OpNoShow, no, no, no, yes, no, no},
		{OpReadEncounter, yes, yes, no, yes, yes, yes},
		{OpJoin, no, no, no, yes, yes, yes},
		{OpAdmit, no, no, no, yes, no, no},
		{OpInviteGuest, no, no, no, yes, no, no},
		{OpFinish, no, no, no, yes, no, no},
		{OpReadChat, no, no, no, yes, yes, yes},
		{OpWriteChat, no, no, no, yes, yes, yes},
		{OpUpload, no, no, no, yes, yes, yes},
		{OpReadDocument, no, no, no, yes, yes, yes},
		{OpReadComposition, no, no, no, yes, no, no},
		{OpWriteComposition, no, no, no, yes, no, no},
		{OpSignComposition, no, no, no, yes, no, no},
		{OpReadCard, no, no, no, yes, yes, no},
		{OpReadSettings, yes, no, no, no, no, no},
		{OpSetClinic, yes, no, no, no, no, no},
		{OpListStaff, yes, no, no, no, no, no},
		{OpSetStaff, yes, no, no, no, no, no},
		{OpListServices, yes, no, yes, no, no, no},
		{OpSetService, yes, no, no, no, no, no},
		{OpReadAudit, yes, no, no, no, no, no},
		{OpReadSecurity, yes, yes, yes, yes, yes, no},
		{OpChangeSecurity, yes, yes, yes, yes, yes, no},
		{OpListSessions, yes, yes, yes, yes, yes, no},
		{OpEndSession, yes, yes, yes, yes, yes, no},
		{OpManageTokens, yes, no, no, no, no, no},

		{OpAskHelp, no, no, no, no, yes, no},
		{OpReadEmergency, yes, yes, no, no, yes, no},
		{OpWithdrawEmergency, no, no, no, no, yes, no},
		{OpListEmergencies, yes, yes, no, no, no, no},
		{OpDeclineEmergency, yes, yes, no, no, no, no},
		{OpAssignEmergency, yes, yes, no, no, no, no},
		{OpAnswerOffer, no, no, no, yes, no, no},
		{OpSetDuty, no, no, no, yes, no, no},
		{OpSetPush, no, no, no, yes, no, no},
		{OpSetHelpPolicy, yes, no, no, no, no, no},

		{OpHold, yes, yes, no, yes, yes, no},
		{OpRelease, yes, yes, no, yes, yes, no},
		{OpSettle, yes, yes, no, no, no, no},
		{OpReschedule, yes, yes, no, yes, yes, no},
		{OpFollowUp, no, no, no, yes, yes, no},
		{OpBegin, no, no, no, yes, no, no},
		{OpSwitchModality, no, no, no, yes, no, no},
		{OpReportError, yes, no, no, no, no, no},
		{OpApproveError, yes, yes, no, yes, no, no},
		{OpReadWaitlist, yes, yes, no, no, yes, no},
		{OpJoinWaitlist, yes, yes, no, no, yes, no},
		{OpLeaveWaitlist, yes, yes, no, no, yes, no},
		{OpAmend, no, no, no, yes, no, no},
		{OpErasePatient, yes, no, no, no, no, no},
		{OpExportCard, no, no, no, no, yes, no},
		{OpInvitePatient, yes, yes, no, yes, no, no},
		{OpListInvites, yes, yes, no, yes, no, no},
		{OpDecideInvite, yes, yes, no, no, no, no},
		{OpReadReadings, no, no, no, no, yes, no},
		{OpBreakGlass, no, no, no, yes, no, no},
		{OpEndBreakGlass, yes, no, no, yes, no, no},
		{OpListBreakGlass, yes, no, no, yes, yes, no},
		{OpTransferPatient, yes, yes, no, yes, no, no},
		{OpInviteColleague, no, no, no, yes, no, no},
		{OpRemoveParticipant, no, no, no, yes, no, no},
		{OpListJoint, no, no, no, yes, no, no},
		{OpReadConsents, no, no, no, no, yes, no},
		{OpAnswerConsents, no, no, no, no, yes, no},

		{OpReadQuestionnaire, yes, no, no, no, no, no},
		{OpSetQuestionnaire, yes, no, no, no, no, no},
		{OpReadIntake, no, no, no, yes, yes, no},
		{OpFillIntake, no, no, no, no, yes, no},
		{OpDecideIntake, no, no, no, yes, no, no},
		{OpReadContact, no, no, no, no, yes, no},
		{OpSetContact, no, no, no, no, yes, no},
	}
}

// allowed is permissions turned into what authorize looks up.
type allowed map[Operation]map[Role]bool

func newAllowed() allowed {
	all := allowed{}
	for _, p := range permissions() {
		all[p.op] = map[Role]bool{
			RoleAdmin: p.admin, RoleRegistrar: p.registrar, RoleAccountant: p.accountant,
			RolePractitioner: p.doctor, RolePatient: p.patient, RoleGuest: p.guest, RoleSystem: true,
		}
	}
	for _, op := range operatorMay() {
		if all[op] == nil {
			all[op] = map[Role]bool{}
		}
		all[op][RoleOperator] = true
	}
	return all
}

// authorize is the first line of every operation.
func (c *core) authorize(who Actor, op Operation) error {
	if who.Role == "" || who.Clinic == "" && who.Role != RoleOperator {
		return fail(CodeUnauthenticated, "sign in first")
	}
	if !c.may[op][who.Role] {
		return fail(CodeDenied, "this role may not do that")
	}
	if who.Token != "" && op != OpReadMe && !who.Scopes.allow(op) {
		return fail(CodeDenied, "this token's scopes do not cover that")
	}
	if who.Enrol && !whileEnrolling(op) {
		return fail(CodeEnrolmentRequired, "first set up how you sign in")
	}
	return nil
}

// whileEnrolling lists what somebody may do who has yet to set up how they sign in.
func whileEnrolling(op Operation) bool {
	switch op {
	case OpReadMe, OpUpdateMe, OpSignOut, OpReadSecurity, OpChangeSecurity, OpListSessions, OpEndSession:
		return true
	}
	return false
}
