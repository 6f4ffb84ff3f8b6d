package api

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"consilium/control"
	"consilium/store"
)

// people are the columns of the matrix. The first doctor and the first patient
// are those of the visit; the foreign ones belong to another clinic.
func people() []string {
	return []string{
		"nobody", "foreign admin", "foreign doctor", "foreign patient",
		"guest", "accountant", "patient2", "doctor2", "registrar", "admin", "patient", "doctor",
	}
}

// matrixRow is one operation on the due visit and what each person gets, in the
// order of people. Rows run in order: they follow the visit's life.
type matrixRow struct {
	op      string
	method  string
	path    string // {a} appointment, {e} encounter, {m} emergency, {o} offer, {p} patient, {d} a document of the patient's card
	body    string
	headers []header
	want    string
}

func matrix() []matrixRow {
	const token = `{"token":"nothing"}`
	// The keys are those of the example in RFC 8291.
	const pushBody = `{"endpoint":"https://push.example/send/1","p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}`
	old := []header{{"If-Match", `"999999"`}} // of no appointment
	return []matrixRow{
		{"getConfig", "GET", "/config", "", nil, "200 200 200 200 200 200 200 200 200 200 200 200"},
		{"signInDemo", "POST", "/sessions/demo", token, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInVisit", "POST", "/sessions/visit", token, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInGuest", "POST", "/sessions/guest", token, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"startSignIn", "POST", "/sign-in", `{"login":"nobody@clinic.example","clinicId":"{c}"}`, nil, "200 200 200 200 200 200 200 200 200 200 200 200"},
		{"startSignInPasskey", "POST", "/sign-in/passkey", `{"clinicId":"{c}"}`, nil, "200 200 200 200 200 200 200 200 200 200 200 200"},
		{"signInPassword", "POST", "/sign-in/password", `{"attempt":"x","password":"x"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"sendSignInCode", "POST", "/sign-in/send", `{"attempt":"x"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInCode", "POST", "/sign-in/code", `{"attempt":"x","code":"000000"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInPerson", "POST", "/sign-in/person", `{"attempt":"x","personId":"{i}"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInApp", "POST", "/sign-in/app", `{"attempt":"x","code":"000000"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInRecovery", "POST", "/sign-in/recovery", `{"attempt":"x","code":"x"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInPasskey", "POST", "/sign-in/passkey/answer", `{"attempt":"x","credential":{}}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"forgotPassword", "POST", "/sign-in/forgot", `{"login":"x","clinicId":"{c}"}`, nil, "422 422 422 422 422 422 422 422 422 422 422 422"},
		{"resetPassword", "POST", "/sign-in/reset", `{"token":"nothing","password":"x"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"signInActivation", "POST", "/sessions/activation", token, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		// Patients came by a link, which is not enough to change how they sign in.
		{"getSecurity", "GET", "/me/security", "", nil, "401 200 200 200 403 200 200 200 200 200 200 200"},
		{"setPassword", "PUT", "/me/security/password", `{"password":"short"}`, nil, "401 422 422 403 403 422 403 422 422 422 403 422"},
		{"startAuthenticator", "POST", "/me/security/app", "", nil, "401 200 200 403 403 200 403 200 200 200 403 200"},
		{"confirmAuthenticator", "PUT", "/me/security/app", `{"code":"x"}`, nil, "401 401 401 403 403 401 403 401 401 401 403 401"},
		{"removeAuthenticator", "DELETE", "/me/security/app", "", nil, "401 404 404 403 403 404 403 404 404 404 403 404"},
		{"startPasskey", "POST", "/me/security/passkeys/options", "", nil, "401 200 200 403 403 200 403 200 200 200 403 200"},
		{"addPasskey", "POST", "/me/security/passkeys", `{"name":"x","credential":{}}`, nil, "401 401 401 403 403 401 403 401 401 401 403 401"},
		{"renamePasskey", "PATCH", "/me/security/passkeys/none", `{"name":"x"}`, nil, "401 404 404 404 403 404 404 404 404 404 404 404"},
		{"removePasskey", "DELETE", "/me/security/passkeys/none", "", nil, "401 404 404 403 403 404 403 404 404 404 403 404"},
		{"renewRecoveryCodes", "POST", "/me/security/recovery", "", nil, "401 409 409 403 403 409 403 409 409 409 403 409"},
		{"finishEnrolment", "POST", "/me/security/finish", "", nil, "401 409 409 409 403 409 409 409 409 409 409 409"},
		{"listSessions", "GET", "/sessions", "", nil, "401 200 200 200 403 200 200 200 200 200 200 200"},
		{"endSession", "DELETE", "/sessions/none", "", nil, "401 404 404 404 403 404 404 404 404 404 404 404"},
		{"listTokens", "GET", "/tokens", "", nil, "401 200 403 403 403 403 403 403 403 200 403 403"},
		{"createToken", "POST", "/tokens", `{"name":"x","scopes":[],"expiresAt":"2026-11-26T09:00:00Z"}`, nil, "401 422 403 403 403 403 403 403 403 422 403 403"},
		{"revokeToken", "DELETE", "/tokens/none", "", nil, "401 404 403 403 403 403 403 403 403 404 403 403"},
		{"getMe", "GET", "/me", "", nil, "401 200 200 200 200 200 200 200 200 200 200 200"},
		{"updateMe", "PATCH", "/me", `{"locale":"en"}`, nil, "401 200 200 200 200 200 200 200 200 200 200 200"},
		{"openLive", "POST", "/live", "", nil, "401 200 200 200 200 200 200 200 200 200 200 200"},
		{"listServices", "GET", "/services", "", nil, "401 200 200 200 403 200 200 200 200 200 200 200"},
		{"listPractitioners", "GET", "/practitioners", "", nil, "401 200 200 200 403 200 200 200 200 200 200 200"},
		{"listFeeds", "GET", "/feeds", "", nil, "401 200 200 200 403 403 200 200 200 200 200 200"},
		{"createFeed", "POST", "/feeds", `{"scope":"own"}`, nil, "401 422 201 201 403 403 201 201 422 422 201 201"},
		{"revokeFeed", "DELETE", "/feeds/unknown", "", nil, "401 404 404 404 403 403 404 404 404 404 404 404"},
		{"getClinic", "GET", "/clinic", "", nil, "401 200 403 403 403 403 403 403 403 200 403 403"},
		{"setClinic", "PUT", "/clinic", `{"name":{},"zone":"","languages":["ru"],"licence":"","address":{},"phone":"","accent":"","settings":{"requireStrong":false,"staffIdleMin":0}}`, []header{{"If-Match", `"999999"`}}, "401 412 403 403 403 403 403 403 403 412 403 403"},
		{"setLogo", "PUT", "/clinic/logo", "no picture", nil, "401 415 403 403 403 403 403 403 403 415 403 403"},
		{"removeLogo", "DELETE", "/clinic/logo", "", nil, "401 200 403 403 403 403 403 403 403 200 403 403"},
		{"getLogo", "GET", "/clinics/{c}/logo", "", nil, "404 404 404 404 404 404 404 404 404 404 404 404"},
		{"listConsents", "GET", "/consents?serviceId=initial", "", nil, "401 200 200 200 403 200 200 200 200 200 200 200"},
		{"listStaff", "GET", "/staff", "", nil, "401 200 403 403 403 403 403 403 403 200 403 403"},
		{"registerStaff", "POST", "/staff", `{"role":"registrar","name":"New Person","email":"no address"}`, nil, "401 422 403 403 403 403 403 403 403 422 403 403"},
		{"getStaff", "GET", "/staff/{ad}", "", nil, "401 404 403 403 403 403 403 403 403 200 403 403"},
		{"setStaff", "PUT", "/staff/{ad}", `{"name":"New Name","email":"a@example.org"}`, []header{{"If-Match", `"999999"`}}, "401 404 403 403 403 403 403 403 403 412 403 403"},
		{"inviteStaff", "POST", "/staff/{ad}/invite", "", nil, "401 404 403 403 403 403 403 403 403 409 403 403"},
		{"closeStaff", "POST", "/staff/{ad}/close", "", nil, "401 404 403 403 403 403 403 403 403 409 403 403"},
		{"reopenStaff", "POST", "/staff/{ad}/reopen", "", nil, "401 404 403 403 403 403 403 403 403 409 403 403"},
		{"listServiceSettings", "GET", "/clinic/services", "", nil, "401 200 403 403 403 200 403 403 403 200 403 403"},
		{"addService", "POST", "/clinic/services", `{"name":{},"durationMin":30,"priceMinor":0,"modalities":["chat"],"kind":"consultation","cancelPolicy":[],"active":true}`, nil, "401 422 403 403 403 403 403 403 403 422 403 403"},
		{"setService", "PUT", "/clinic/services/initial", `{"name":{"ru":"x"},"durationMin":30,"priceMinor":0,"modalities":["chat"],"kind":"consultation","cancelPolicy":[],"active":true}`, []header{{"If-Match", `"999999"`}}, "401 412 403 403 403 403 403 403 403 412 403 403"},
		{"listAudit", "GET", "/audit", "", nil, "401 200 403 403 403 403 403 403 403 200 403 403"},
		{"listPatients", "GET", "/patients", "", nil, "401 200 200 403 403 403 403 200 200 200 403 200"},
		{"getSchedule", "GET", "/practitioners/{dr}/schedule", "", nil, "401 404 404 403 403 403 403 200 200 200 403 200"},
		{"setSchedule", "PUT", "/practitioners/{dr}/schedule", `{"weekly":[],"exceptions":[],"stepMin":15,"bufferMin":0,"minNoticeMin":0,"horizonDays":1,"maxPerDay":0}`, []header{{"If-Match", `"999999"`}}, "401 404 403 403 403 403 403 403 412 412 403 412"},
		{"listSlots", "GET", "/slots?serviceId=initial", "", nil, "401 200 200 200 403 403 200 200 200 200 200 200"},
		{"listAppointments", "GET", "/appointments", "", nil, "401 200 200 200 403 403 200 200 200 200 200 200"},
		{"countDays", "GET", "/appointments/days", "", nil, "401 200 200 403 403 403 403 200 200 200 403 200"},
		{"getBoard", "GET", "/appointments/board", "", nil, "401 200 200 403 403 403 403 200 200 200 403 200"},
		{"listOutsideHours", "GET", "/practitioners/{dr}/schedule/outside", "", nil, "401 404 403 403 403 403 403 403 200 200 403 200"},
		{"getAppointment", "GET", "/appointments/{a}", "", nil, "401 404 404 404 403 403 404 404 200 200 200 200"},
		{"bookAppointment", "POST", "/appointments", `{"patientId":"{p}","practitionerId":"{dr}","serviceId":"initial","start":"2026-11-25T09:00:00Z","waiverReason":"x"}`, nil, "401 404 403 404 403 403 404 403 409 409 409 409"},
		{"getHelpForm", "GET", "/emergencies/form", "", nil, "401 403 403 200 403 403 200 403 403 403 200 403"},
		{"askHelp", "POST", "/emergencies", `{"serviceId":"urgent","redFlags":[]}`, nil, "401 403 403 201 403 403 201 403 403 403 201 403"},
		{"listEmergencies", "GET", "/emergencies", "", nil, "401 200 403 403 403 403 403 403 200 200 403 403"},
		{"getEmergency", "GET", "/emergencies/{m}", "", nil, "401 404 403 404 403 403 404 403 200 200 200 403"},
		{"assignEmergency", "POST", "/emergencies/{m}/assign", `{"practitionerId":"{dr}"}`, nil, "401 404 403 403 403 403 403 403 200 200 403 403"},
		{"getEmergencySettings", "GET", "/emergency-settings", "", nil, "401 200 403 403 403 403 403 403 403 200 403 403"},
		{"setEmergencySettings", "PUT", "/emergency-settings", `{"payLater":true,"serviceIds":[]}`, []header{{"If-Match", `"999999"`}}, "401 412 403 403 403 403 403 403 403 412 403 403"},
		{"getDuty", "GET", "/duty", "", nil, "401 403 200 403 403 403 403 200 403 403 403 200"},
		{"listOnDuty", "GET", "/duties", "", nil, "401 200 403 403 403 403 403 403 200 200 403 403"},
		{"listOffers", "GET", "/offers", "", nil, "401 403 200 403 403 403 403 200 403 403 403 200"},
		{"declineOffer", "POST", "/offers/{o}/decline", "", nil, "401 403 404 403 403 403 403 404 403 403 403 204"},
		{"acceptOffer", "POST", "/offers/{o}/accept", "", nil, "401 403 404 403 403 403 403 404 403 403 403 409"},
		{"setDuty", "PUT", "/duty", `{"on":false}`, nil, "401 403 200 403 403 403 403 200 403 403 403 200"},
		{"getPushKey", "GET", "/push-key", "", nil, "401 403 200 403 403 403 403 200 403 403 403 200"},
		{"subscribePush", "PUT", "/push-subscription", pushBody, nil, "401 403 204 403 403 403 403 204 403 403 403 204"},
		{"unsubscribePush", "DELETE", "/push-subscription", "", nil, "401 403 204 403 403 403 403 204 403 403 403 204"},
		{"declineEmergency", "POST", "/emergencies/{m}/decline", `{"reason":"x"}`, nil, "401 404 403 403 403 403 403 403 200 409 403 403"},
		{"withdrawEmergency", "POST", "/emergencies/{m}/withdraw", "", nil, "401 403 403 404 403 403 404 403 403 403 409 403"},
		{"confirmAppointment", "POST", "/appointments/{a}/confirm", `{}`, old, "401 404 404 404 403 403 404 404 412 412 412 412"},
		{"declineAppointment", "POST", "/appointments/{a}/decline", `{"reason":"x"}`, old, "401 404 404 403 403 403 403 404 412 412 403 412"},
		{"holdSlot", "POST", "/holds", `{"patientId":"{p}","practitionerId":"{dr}","serviceId":"initial","start":"2026-11-25T09:00:00Z"}`, nil, "401 404 403 404 403 403 404 403 409 409 409 409"},
		{"releaseHold", "POST", "/appointments/{a}/release", "", old, "401 404 404 404 403 403 404 404 412 412 412 412"},
		{"settleAppointment", "POST", "/appointments/{a}/settle", `{"waiverReason":"x"}`, old, "401 404 403 403 403 403 403 403 412 412 403 403"},
		{"rescheduleAppointment", "POST", "/appointments/{a}/reschedule", `{"start":"2026-11-26T09:00:00Z"}`, old, "401 404 404 404 403 403 404 404 412 412 412 412"},
		{"getCancellation", "GET", "/appointments/{a}/cancellation", "", nil, "401 404 404 404 403 403 404 404 200 200 200 200"},
		{"suggestFollowUp", "GET", "/appointments/{a}/follow-up", "", nil, "401 403 404 404 403 403 404 404 403 403 409 409"},
		{"getCalendarFile", "GET", "/appointments/{a}/calendar.ics", "", nil, "401 404 404 404 403 403 404 404 200 200 200 200"},
		{"bookFollowUp", "POST", "/appointments/{a}/follow-up", `{}`, nil, "401 403 404 404 403 403 404 404 403 403 409 409"},
		{"beginChat", "POST", "/appointments/{a}/begin", "", old, "401 403 404 403 403 403 403 404 403 403 403 412"},
		{"switchModality", "PUT", "/appointments/{a}/modality", `{"modality":"audio"}`, old, "401 403 404 403 403 403 403 404 403 403 403 412"},
		{"reportError", "POST", "/appointments/{a}/error", `{"reason":"x"}`, old, "401 404 403 403 403 403 403 403 403 412 403 403"},
		{"approveError", "POST", "/appointments/{a}/error/approve", "", old, "401 404 404 403 403 403 403 404 412 412 403 412"},
		{"refuteError", "POST", "/appointments/{a}/error/refute", "", old, "401 404 404 403 403 403 403 404 412 412 403 412"},
		{"listWaitlist", "GET", "/waitlist", "", nil, "401 200 403 200 403 403 200 403 200 200 200 403"},
		{"joinWaitlist", "POST", "/waitlist", `{"patientId":"{p}","serviceId":"initial","first":"2026-11-25","last":"2026-11-26"}`, nil, "401 404 403 404 403 403 404 403 201 201 201 403"},
		{"leaveWaitlist", "DELETE", "/waitlist/{d}", "", nil, "401 404 403 404 403 403 404 403 404 404 404 403"},
		{"reopenComposition", "POST", "/encounters/{e}/composition/reopen", "", nil, "401 403 404 403 403 403 403 404 403 403 403 409"},
		{"amendComposition", "POST", "/encounters/{e}/composition/amend", `{"reason":"x","sections":{"complaint":"c","anamnesis":"","findings":"","diagnosisCode":"","diagnosis":"d","plan":"p"}}`, old, "401 403 404 403 403 403 403 404 403 403 403 409"},
		{"getQuestionnaire", "GET", "/clinic/services/initial/questionnaire", "", nil, "401 200 403 403 403 403 403 403 403 200 403 403"},
		{"setQuestionnaire", "PUT", "/clinic/services/initial/questionnaire", `{"questions":[]}`, old, "401 412 403 403 403 403 403 403 403 412 403 403"},
		{"getIntake", "GET", "/appointments/{a}/intake", "", nil, "401 403 404 404 403 403 404 404 403 403 200 403"},
		{"saveIntake", "PUT", "/appointments/{a}/intake", `{"number":0,"complaint":"x","answers":[],"card":[]}`, old, "401 403 403 404 403 403 404 403 403 403 412 403"},
		{"addIntakeFile", "POST", "/appointments/{a}/intake/files", "plain text", []header{{"X-File-Name", "a.txt"}}, "401 403 403 404 403 403 404 403 403 403 201 403"},
		{"removeIntakeFile", "DELETE", "/appointments/{a}/intake/files/none", "", nil, "401 403 403 404 403 403 404 403 403 403 404 403"},
		{"decideCorrection", "POST", "/appointments/{a}/intake/corrections", `{"part":"allergies","accept":true}`, nil, "401 403 404 403 403 403 403 404 403 403 403 403"},
		{"getContact", "GET", "/me/contact", "", nil, "401 403 403 200 403 403 200 403 403 403 200 403"},
		{"setContact", "PUT", "/me/contact", `{"channel":"usual"}`, nil, "401 403 403 200 403 403 200 403 403 403 200 403"},
		{"checkInAppointment", "POST", "/appointments/{a}/check-in", "", nil, "401 403 403 404 403 403 404 403 403 403 200 403"},
		{"leaveAppointment", "POST", "/appointments/{a}/leave", "", nil, "401 403 403 404 403 403 404 403 403 403 200 403"},
		{"markNoShow", "POST", "/appointments/{a}/no-show", "", nil, "401 403 404 403 403 403 403 404 403 403 403 409"},
		{"getEncounter", "GET", "/encounters/{e}", "", nil, "401 404 404 404 200 403 404 404 200 200 200 200"},
		{"listMessages", "GET", "/encounters/{e}/messages", "", nil, "401 403 404 404 403 403 404 404 403 403 200 200"},
		{"getCard", "GET", "/patients/{p}/card", "", nil, "401 403 404 404 403 403 404 403 403 403 200 403"},
		{"getDocumentContent", "GET", "/documents/{d}/content", "", nil, "401 403 404 404 404 403 404 403 403 403 200 403"},
		{"joinEncounter", "POST", "/encounters/{e}/join", "", nil, "401 403 404 404 200 403 404 404 403 403 200 200"},
		{"inviteGuest", "POST", "/encounters/{e}/guests", `{"name":"Guest","relation":"relative"}`, nil, "401 403 404 403 403 403 403 404 403 403 403 201"},
		{"admitParticipant", "POST", "/encounters/{e}/admit", `{"identity":"{i}"}`, nil, "401 403 404 403 403 403 403 404 403 403 403 200"},
		{"listInvitations", "GET", "/invitations", "", nil, "401 200 200 403 403 403 403 200 200 200 403 200"},
		{"invitePatient", "POST", "/invitations", `{"contact":"nobody"}`, nil, "401 422 422 403 403 403 403 422 422 422 403 422"},
		{"resendInvitation", "POST", "/invitations/{a}/resend", "", nil, "401 404 404 403 403 403 403 404 404 404 403 404"},
		{"decideInvitation", "POST", "/invitations/{a}/decide", `{"same":true}`, nil, "401 404 403 403 403 403 403 403 404 404 403 403"},
		{"revokeInvitation", "DELETE", "/invitations/{a}", "", nil, "401 404 404 403 403 403 403 404 404 404 403 404"},
		{"openInvitation", "POST", "/invitation/open", token, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"sendInvitationCode", "POST", "/invitation/code", token, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"verifyInvitationCode", "POST", "/invitation/verify", `{"token":"nothing","code":"000000"}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"acceptInvitation", "POST", "/invitation/accept", `{"token":"nothing","proof":"x","name":"A","birthDate":"1980-01-01","sex":"male","locale":"en","consents":[]}`, nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"listMyConsents", "GET", "/me/consents", "", nil, "401 403 403 200 403 403 200 403 403 403 200 403"},
		{"answerMyConsents", "POST", "/me/consents", `{"answers":[{"id":"personal_data","version":"old","given":true}]}`, nil, "401 403 403 409 403 403 409 403 403 403 409 403"},
		// The visit is in progress: the doctor sees the card.
		{"getCard", "GET", "/patients/{p}/card", "", nil, "401 403 404 404 403 403 404 403 403 403 200 200"},
		{"getDocumentContent", "GET", "/documents/{d}/content", "", nil, "401 403 404 404 404 403 404 403 403 403 200 200"},
		{"getIntake", "GET", "/appointments/{a}/intake", "", nil, "401 403 404 404 403 403 404 404 403 403 200 200"},
		{"saveIntake", "PUT", "/appointments/{a}/intake", `{"number":0,"complaint":"x","answers":[],"card":[]}`, old, "401 403 403 404 403 403 404 403 403 403 409 403"},
		{"decideCorrection", "POST", "/appointments/{a}/intake/corrections", `{"part":"allergies","accept":true}`, nil, "401 403 404 403 403 403 403 404 403 403 403 404"},
		{"uploadFile", "POST", "/encounters/{e}/files", "plain text", []header{{"X-File-Name", "a.txt"}}, "401 403 404 404 403 403 404 404 403 403 201 201"},
		{"getComposition", "GET", "/encounters/{e}/composition", "", nil, "401 403 404 403 403 403 403 404 403 403 403 200"},
		{"saveComposition", "PUT", "/encounters/{e}/composition", `{"sections":{"complaint":"c","anamnesis":"","findings":"","diagnosisCode":"","diagnosis":"d","plan":"p"}}`, []header{{"If-Match", `"0"`}}, "401 403 404 403 403 403 403 404 403 403 403 200"},
		{"inviteColleague", "POST", "/encounters/{e}/colleagues", `{"practitionerId":"nobody"}`, nil, "401 403 404 403 403 403 403 404 403 403 403 422"},
		{"removeParticipant", "DELETE", "/encounters/{e}/participants/nobody", "", nil, "401 403 404 403 403 403 403 404 403 403 403 404"},
		{"listJoint", "GET", "/joint", "", nil, "401 403 200 403 403 403 403 200 403 403 403 200"},
		{"transferPatient", "POST", "/patients/{p}/transfer", `{"practitionerId":"nobody"}`, nil, "401 404 404 403 403 403 403 404 422 422 403 422"},
		{"exportCard", "GET", "/me/export", "", nil, "401 403 403 200 403 403 200 403 403 403 200 403"},
		{"listReadings", "GET", "/me/readings", "", nil, "401 403 403 200 403 403 200 403 403 403 200 403"},
		{"listBreakGlass", "GET", "/break-glass", "", nil, "401 200 200 200 403 403 200 200 403 200 200 200"},
		{"endBreakGlass", "DELETE", "/break-glass/{a}", "", nil, "401 404 404 403 403 403 403 404 403 404 403 404"},
		{"breakGlass", "POST", "/patients/{p}/break-glass", `{"reason":"unconscious, relatives called"}`, nil, "401 403 404 403 403 403 403 201 403 403 403 201"},
		{"getErasure", "GET", "/patients/{p}/erasure", "", nil, "401 404 403 403 403 403 403 403 403 200 403 403"},
		{"erasePatient", "DELETE", "/patients/{p}", "", nil, "401 404 403 403 403 403 403 403 403 409 403 403"},
		{"cancelAppointment", "POST", "/appointments/{a}/cancel", `{"reason":"x"}`, old, "401 404 404 404 403 403 404 404 412 412 412 412"},
		{"finishEncounter", "POST", "/encounters/{e}/finish", "", nil, "401 403 404 403 403 403 403 404 403 403 403 200"},
		// Guests are out from here on.
		{"signComposition", "POST", "/encounters/{e}/composition/sign", "", []header{{"If-Match", `"1"`}}, "401 403 404 403 401 403 403 404 403 403 403 412"},
		{"signOut", "DELETE", "/session", "", nil, "401 204 204 204 401 204 204 204 204 204 204 204"},
		{"endSessions", "DELETE", "/sessions", "", nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
		{"getMe", "GET", "/me", "", nil, "401 401 401 401 401 401 401 401 401 401 401 401"},
	}
}

func TestEveryRouteForEveryRole(t *testing.T) {
	s := newSite(t)
	s.addForeignClinic()
	s.foreignIDs(t)
	me := ok[Me](s, "patient", "GET", "/api/v1/me", nil)
	doctor := ok[Me](s, "doctor", "GET", "/api/v1/me", nil)
	card := ok[Card](s, "patient", "GET", "/api/v1/patients/"+me.Person.ID+"/card", nil)
	fill := strings.NewReplacer("{a}", me.Visit.AppointmentID, "{e}", me.Visit.EncounterID, "{p}", me.Person.ID,
		"{d}", card.Documents[0].ID, "{i}", me.AccountID, "{dr}", doctor.Person.ID, "{c}", me.Clinic.ID, "{ad}", ok[Me](s, "admin", "GET", "/api/v1/me", nil).AccountID)
	ok[Duty](s, "doctor", "PUT", "/api/v1/duty", map[string]any{"on": true, "until": noon.Add(time.Hour)})
	call := ok[Emergency](s, "patient", "POST", "/api/v1/emergencies", map[string]any{"serviceId": "urgent", "redFlags": []string{}})
	calls := strings.NewReplacer("{m}", call.ID, "{o}", ok[OfferList](s, "doctor", "GET", "/api/v1/offers", nil).Items[0].ID)
	rows := map[string]bool{}
	for _, row := range matrix() {
		rows[row.op] = true
		want := strings.Fields(row.want)
		if len(want) != len(people()) {
			t.Fatalf("%s: %d columns", row.op, len(want))
		}
		for i, who := range people() {
			var body any
			if row.body != "" {
				body = strings.NewReader(fill.Replace(row.body))
			}
			key := who
			if who == "guest" {
				key = "interpreter"
			}
			rec := s.do(key, row.method, "/api/v1"+calls.Replace(fill.Replace(row.path)), body, row.headers...)
			if strconv.Itoa(rec.Code) != want[i] {
				t.Errorf("%s as %s: %d, want %s: %s", row.op, who, rec.Code, want[i], rec.Body)
			}
			if rec.Code >= 400 {
				if p := decode[Problem](t, rec); p.Code == "" || p.Status != rec.Code {
					t.Errorf("%s as %s: no problem: %s", row.op, who, rec.Body)
				}
			}
		}
	}
	for id := range s.operations() {
		if !rows[id] {
			t.Errorf("operation %s has no row in the matrix", id)
		}
	}
}

// operations lists the operation ids of the OpenAPI document.
func (s *site) operations() map[string]bool {
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(s.do("", "GET", "/api/v1/openapi.json", nil).Body.Bytes(), &doc); err != nil {
		s.t.Fatal(err)
	}
	out := map[string]bool{}
	for _, methods := range doc.Paths {
		for _, op := range methods {
			out[op.OperationID] = true
		}
	}
	return out
}

// addForeignClinic makes a second clinic with the same kinds of people on the
// same store: the first is no longer the demo's, so seeding makes another.
func (s *site) addForeignClinic() {
	ctx := context.Background()
	clinics := store.NewCollection("clinic", func(c *control.Clinic) string { return string(c.ID) })
	err := s.db.Update(ctx, func(tx store.Tx) error {
		for c, err := range clinics.List(tx, store.Global) {
			if err != nil {
				return err
			}
			c.Demo = false
			if _, err := clinics.Put(tx, store.Global, &c, c.Rev); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	links, err := s.ctl.SeedDemo(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, who := range []string{"admin", "doctor", "patient"} {
		s.signIn("foreign "+who, links[who])
	}
}

// foreignIDs puts every id of one clinic into every route of another's
// administrator, doctor and patient, and reads nothing.
func (s *site) foreignIDs(t *testing.T) {
	me := ok[Me](s, "patient", "GET", "/api/v1/me", nil)
	card := ok[Card](s, "patient", "GET", "/api/v1/patients/"+me.Person.ID+"/card", nil)
	ids := []string{me.AccountID, me.Person.ID, me.Clinic.ID, me.Visit.AppointmentID, me.Visit.EncounterID, card.Documents[0].ID, "", "..", strings.Repeat("x", 65)}
	for _, who := range []string{"foreign admin", "foreign doctor", "foreign patient"} {
		for _, row := range matrix() {
			for _, id := range ids {
				if !strings.Contains(row.path, "{") {
					continue
				}
				path := row.path[:strings.Index(row.path, "{")] + id + row.path[strings.Index(row.path, "}")+1:]
				rec := s.do(who, row.method, "/api/v1"+path, strings.NewReader(row.body), row.headers...)
				if rec.Code < 300 || rec.Code >= 500 || bytes.Contains(rec.Body.Bytes(), []byte("Соколов")) {
					if id == "" || id == ".." { // another route
						continue
					}
					t.Errorf("%s as %s with %q: %d %s", row.op, who, id, rec.Code, rec.Body)
				}
			}
		}
		list := s.do(who, "GET", "/api/v1/appointments?limit=200", nil).Body.String()
		if strings.Contains(list, me.Visit.AppointmentID) {
			t.Errorf("%s lists an appointment of another clinic", who)
		}
	}
}
