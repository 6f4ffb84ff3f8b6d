package command

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"consilium/internal/grant"
	"consilium/signaling"
)

// loadtestRooms is how the ids of all rooms begin that the load tester may open.
const loadtestRooms = "loadtest-"

// redeemers returns what redeems join grants: the clinic's own, and, when the operator
// has set loadtest.key, those that its holder signs for rooms of the load tester.
func redeemers(own *grant.Keeper, loadtestKey string) (signaling.Redeemer, error) {
	if loadtestKey == "" {
		return own, nil
	}
	tester, err := grant.NewKeeperWithKey([]byte(loadtestKey), time.Now)
	if err != nil {
		return nil, fmt.Errorf("use loadtest.key: %w", err)
	}
	return loadtestRedeemer{own: own, tester: tester}, nil
}

type loadtestRedeemer struct{ own, tester *grant.Keeper }

// Redeem implements [signaling.Redeemer].
func (r loadtestRedeemer) Redeem(token string) (grant.Grant, error) {
	g, err := r.own.Redeem(token)
	if !errors.Is(err, grant.ErrForged) {
		return g, err
	}
	g, err = r.tester.Redeem(token)
	if err != nil {
		return grant.Grant{}, err
	}
	// The key opens rooms of its own and nothing of any clinic.
	if g.Kind == grant.Room && !strings.HasPrefix(g.Room, loadtestRooms) || len(g.Topics) > 0 {
		return grant.Grant{}, grant.ErrForged
	}
	return g, nil
}
