package api

import (
	"context"
	"io"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"consilium/control"
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

func (s *server) listMessages(ctx context.Context, who control.Actor, in *listMessagesInput) (*answer[MessageList], error) {
	found, err := s.ctl.Encounters.Messages(ctx, who, control.EncounterID(in.ID), in.After, in.Limit)
	return &answer[MessageList]{MessageList{Items: messagesOf(found)}}, err
}

func (s *server) uploadFile(ctx context.Context, who control.Actor, in *uploadInput) (*answer[Upload], error) {
	name, err := url.PathUnescape(in.FileName)
	if err != nil {
		return nil, &control.Error{Code: control.CodeInvalid, Message: "must be percent-encoded UTF-8", Field: "header/X-File-Name"}
	}
	doc, msg, err := s.ctl.Documents.Upload(ctx, who, control.EncounterID(in.ID), control.Upload{
		Name: name, ClientID: in.ClientID, Content: in.body,
	})
	if err != nil {
		return nil, err
	}
	return &answer[Upload]{Upload{Document: documentOf(&doc), Message: messageOf(&msg)}}, nil
}

func messagesOf(all []control.Message) []Message {
	out := []Message{}
	for i := range all {
		out = append(out, messageOf(&all[i]))
	}
	return out
}

func messageOf(m *control.Message) Message {
	out := Message{
		ID: m.ID, Seq: m.Seq, ClientID: m.ClientID, Sender: m.Sender, SenderName: m.SenderName,
		SenderRole: m.SenderRole, At: m.At, Text: m.Text,
	}
	if m.File != nil {
		out.File = &File{ID: m.File.ID, Name: m.File.Name, Mime: m.File.Mime, Size: m.File.Size}
	}
	return out
}

func documentOf(d *control.Document) Document {
	return Document{
		ID: string(d.ID), Kind: string(d.Kind), Title: d.Title, Mime: d.Mime, Size: d.Size, SHA256: d.SHA256,
		CreatedAt: d.CreatedAt, EncounterID: string(d.Encounter), Status: d.Status, Author: d.ByName,
	}
}
