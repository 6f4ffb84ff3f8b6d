package api

import (
	"context"

	"consilium/control"
)

func (s *server) compositionRoutes() {
	const tag = "encounter"
	add(s, signedIn, op("getComposition", get, "/encounters/{id}/composition", tag, "The conclusion: the signed one, the draft, or what a draft would start with"), s.getComposition)
	add(s, signedIn, op("saveComposition", put, "/encounters/{id}/composition", tag, "Save the draft"), s.saveComposition)
	add(s, signedIn, op("signComposition", post, "/encounters/{id}/composition/sign", tag, "Sign: the PDF goes to the card and the visit is completed"), s.signComposition)
	add(s, signedIn, op("reopenComposition", post, "/encounters/{id}/composition/reopen", tag, "The doctor's own signed conclusion, to amend it; the reading is on the audit trail"), s.reopenComposition)
	add(s, signedIn, op("amendComposition", post, "/encounters/{id}/composition/amend", tag, "Sign a new version of a signed conclusion; the old one's PDF is kept, marked as superseded"), s.amendComposition)
}

type amendInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the conclusion that was edited; required"`
	Body    Amendment
}

func (s *server) reopenComposition(ctx context.Context, who control.Actor, in *ByID) (*versioned[Composition], error) {
	v, err := s.ctl.Compositions.Reopen(ctx, who, control.EncounterID(in.ID))
	return compositionAnswer(&v), err
}

func (s *server) amendComposition(ctx context.Context, who control.Actor, in *amendInput) (*versioned[Composition], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Compositions.Amend(ctx, who, control.EncounterID(in.ID), version, control.Sections(in.Body.Sections), in.Body.Reason)
	return compositionAnswer(&v), err
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

func (s *server) getComposition(ctx context.Context, who control.Actor, in *ByID) (*versioned[Composition], error) {
	v, err := s.ctl.Compositions.Get(ctx, who, control.EncounterID(in.ID))
	return compositionAnswer(&v), err
}

func (s *server) saveComposition(ctx context.Context, who control.Actor, in *saveCompositionInput) (*versioned[Composition], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Compositions.Save(ctx, who, control.EncounterID(in.ID), version, control.Sections(in.Body.Sections))
	return compositionAnswer(&v), err
}

func (s *server) signComposition(ctx context.Context, who control.Actor, in *signCompositionInput) (*versioned[Composition], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Compositions.Sign(ctx, who, control.EncounterID(in.ID), version)
	return compositionAnswer(&v), err
}

func compositionAnswer(v *control.Composition) *versioned[Composition] {
	out := Composition{
		EncounterID: string(v.Encounter), Status: string(v.Status), Version: v.Rev, Sections: Sections(v.Sections),
		Mandatory: control.MandatorySections(), Prefilled: append([]string{}, v.Prefilled...),
		Signer: v.Signer, DocumentID: string(v.Document), Amendment: v.Amendment,
	}
	if !v.SignedAt.IsZero() {
		out.SignedAt = &v.SignedAt
	}
	return &versioned[Composition]{ETag: etag(v.Rev), Body: out}
}
