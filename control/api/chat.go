package api

import (
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

func (s *server) chatRoutes() {
	const tag = "encounter"
	add(s, signedIn, op("listMessages", get, "/encounters/{id}/messages", tag, "The chat, from a sequence number on"), s.listMessages)
	up := op("uploadFile", post, "/encounters/{id}/files", tag, "Send a file to the chat and the card; the body is the file")
	up.DefaultStatus = 201
	up.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}
	add(s, signedIn, up, s.uploadFile)
}

type listMessagesInput struct {
	ByID
	After uint64 `query:"after" doc:"Only messages with a greater sequence number"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"200"`
}

// uploadInput streams: the body is read by control while it is written to disk.
type uploadInput struct {
	ByID
	FileName string `header:"X-File-Name" maxLength:"1000" doc:"Percent-encoded UTF-8"`
	ClientID string `header:"X-Client-Id" maxLength:"64" doc:"Makes a repeated upload safe, as clientId does for a message"`
	body     io.Reader
}

// Resolve keeps the body for the handler and gives a slow phone time to send it.
func (in *uploadInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	_ = ctx.SetReadDeadline(time.Now().Add(10 * time.Minute)) // not every connection has deadlines
	return nil
}
