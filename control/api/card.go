package api

import (
	"github.com/danielgtaylor/huma/v2"
)

func (s *server) cardRoutes() {
	const tag = "card"
	add(s, signedIn, op("getCard", get, "/patients/{id}/card", tag, "A patient's card"), s.getCard)
	content := op("getDocumentContent", get, "/documents/{id}/content", tag, "The file itself, as a download")
	content.Responses = map[string]*huma.Response{"200": {
		Description: "The file",
		Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}}
	add(s, signedIn, content, s.getDocumentContent)
}

type contentInput struct {
	ByID
	Inline bool `query:"inline" doc:"Show a PDF instead of downloading it"`
}

type content struct {
	Body func(huma.Context)
}
