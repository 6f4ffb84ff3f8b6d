package api

func (s *server) compositionRoutes() {
	const tag = "encounter"
	add(s, signedIn, op("getComposition", get, "/encounters/{id}/composition", tag, "The conclusion: the signed one, the draft, or what a draft would start with"), s.getComposition)
	add(s, signedIn, op("saveComposition", put, "/encounters/{id}/composition", tag, "Save the draft"), s.saveComposition)
	add(s, signedIn, op("signComposition", post, "/encounters/{id}/composition/sign", tag, "Sign: the PDF goes to the card and the visit is completed"), s.signComposition)
}

type saveCompositionInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the draft that was edited; required"`
	Body    CompositionUpdate
}

type signCompositionInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the draft that is signed; required"`
}
