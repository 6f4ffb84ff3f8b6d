package control

import (
	"context"
	"strings"
	"testing"
)

func TestOnlyTheLastInvitationWorks(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	invite := func() string {
		var path string
		must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			account, err := u.account(w.actor("doctor").Account)
			if err != nil {
				return err
			}
			path, err = u.inviteToActivate(&account)
			return err
		}))
		return strings.TrimPrefix(path, "/activate#")
	}
	first, second := invite(), invite()
	must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		if _, err := u.link(LinkActivate, first); ErrorCode(err) != CodeLinkInvalid {
			t.Errorf("the first link: %v", err)
		}
		if _, err := u.link(LinkVisit, second); ErrorCode(err) != CodeLinkInvalid {
			t.Errorf("the link as one of another kind: %v", err)
		}
		_, err := u.link(LinkActivate, second)
		return err
	}))
}
