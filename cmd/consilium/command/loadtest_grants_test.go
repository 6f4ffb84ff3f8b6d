package command

import (
	"errors"
	"strings"
	"testing"
	"time"

	"consilium/internal/grant"
)

func TestLoadTestKeyOpensOnlyItsRooms(t *testing.T) {
	key := strings.Repeat("k", 32)
	own, err := grant.NewKeeper(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	tester, err := grant.NewKeeperWithKey([]byte(key), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	redeem, err := redeemers(own, key)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		signer *grant.Keeper
		grant  grant.Grant
		want   error
	}{
		"own room":              {own, grant.Grant{Kind: grant.Room, Room: "visit", Subject: "a"}, nil},
		"the tester's room":     {tester, grant.Grant{Kind: grant.Room, Room: "loadtest-1", Subject: "a"}, nil},
		"the tester's socket":   {tester, grant.Grant{Kind: grant.Live, Subject: "a"}, nil},
		"a visit by the tester": {tester, grant.Grant{Kind: grant.Room, Room: "visit", Subject: "a"}, grant.ErrForged},
		"topics by the tester":  {tester, grant.Grant{Kind: grant.Live, Subject: "a", Topics: []string{"clinic:1"}}, grant.ErrForged},
	}
	for name, test := range tests {
		token, err := test.signer.Sign(test.grant)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := redeem.Redeem(token); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}

	closed, err := redeemers(own, "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := tester.Sign(grant.Grant{Kind: grant.Room, Room: "loadtest-1", Subject: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := closed.Redeem(token); !errors.Is(err, grant.ErrForged) {
		t.Errorf("without a key: got %v, want %v", err, grant.ErrForged)
	}
}
