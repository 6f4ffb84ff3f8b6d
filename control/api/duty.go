package api

import (
	"context"
	"time"

	"consilium/control"
)

func (s *server) dutyRoutes() {
	const tag = "emergency"
	add(s, signedIn, op("getDuty", get, "/duty", tag, "Whether the viewer is on duty"), s.getDuty)
	add(s, signedIn, op("setDuty", put, "/duty", tag, "Go on duty until a time, say that you are still there, or go off duty"), s.setDuty)
	add(s, signedIn, op("listOnDuty", get, "/duties", tag, "Who is on duty"), s.listOnDuty)
	add(s, signedIn, op("getPushKey", get, "/push-key", tag, "What a page subscribes to Web Push with"), s.getPushKey)
	add(s, signedIn, op("subscribePush", put, "/push-subscription", tag, "Wake the viewer's browser when a patient needs help, as long as the session lasts"), s.subscribePush)
	add(s, signedIn, op("unsubscribePush", del, "/push-subscription", tag, "Wake it no more"), s.unsubscribePush)
}

func (s *server) getDuty(ctx context.Context, who control.Actor, _ *none) (*answer[Duty], error) {
	v, err := s.ctl.Emergencies.Duty(ctx, who)
	if err != nil {
		return nil, err
	}
	return &answer[Duty]{dutyOf(&v)}, nil
}

type setDutyInput struct{ Body DutyUpdate }

func (s *server) setDuty(ctx context.Context, who control.Actor, in *setDutyInput) (*answer[Duty], error) {
	var until time.Time
	if in.Body.Until != nil {
		until = *in.Body.Until
	}
	v, err := s.ctl.Emergencies.SetDuty(ctx, who, in.Body.On, until)
	if err != nil {
		return nil, err
	}
	return &answer[Duty]{dutyOf(&v)}, nil
}

func (s *server) listOnDuty(ctx context.Context, who control.Actor, _ *none) (*answer[DutyList], error) {
	all, err := s.ctl.Emergencies.OnDuty(ctx, who)
	if err != nil {
		return nil, err
	}
	out := DutyList{Items: []Duty{}}
	for i := range all {
		out.Items = append(out.Items, dutyOf(&all[i]))
	}
	return &answer[DutyList]{out}, nil
}

func dutyOf(v *control.DutyView) Duty {
	return Duty{
		Practitioner: Ref{ID: string(v.Practitioner), Name: v.Name}, On: v.On, Since: sometime(v.Since), Until: sometime(v.Until),
		Busy: v.Busy, Asked: v.On && !v.AskedAt.IsZero(), Off: string(v.Off),
	}
}

func (s *server) getPushKey(ctx context.Context, who control.Actor, _ *none) (*answer[PushKey], error) {
	key, err := s.ctl.Emergencies.PushKey(ctx, who)
	if err != nil {
		return nil, err
	}
	return &answer[PushKey]{PushKey{key}}, nil
}

type subscribeInput struct{ Body PushSubscription }

func (s *server) subscribePush(ctx context.Context, who control.Actor, in *subscribeInput) (*none, error) {
	return nil, s.ctl.Emergencies.Subscribe(ctx, who, control.PushDevice(in.Body))
}

func (s *server) unsubscribePush(ctx context.Context, who control.Actor, _ *none) (*none, error) {
	return nil, s.ctl.Emergencies.Unsubscribe(ctx, who)
}
