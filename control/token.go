package control

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/store"
)

// TokenID names a token of a clinic's own system: the hash of its secret.
type TokenID string

// tokenPrefix tells such a token from a session's at first sight, also to scanners that
// look for leaked secrets.
const tokenPrefix = "consilium-api."

// Limits of tokens.
const (
	maxTokens    = 50
	maxTokenLife = 2 * 366 * 24 * time.Hour
)

// APIToken lets a clinic's own system call the API: as the administrator who made it may,
// and within its scopes only. Its secret is shown once.
type APIToken struct {
	store.Revised
	ID      TokenID
	Name    string
	Scopes  Scopes
	Maker   AccountID
	Created time.Time
	Expires time.Time
	Used    time.Time // zero for never
}

// Tokens is about the tokens of a clinic's own systems.
type Tokens struct{ *core }

// NewToken asks for a token.
type NewToken struct {
	Name    string
	Scopes  []string
	Expires time.Time
}

// Create makes a token and returns its secret, which nobody sees again.
func (s *Tokens) Create(ctx context.Context, who Actor, in NewToken) (APIToken, string, error) {
	var out APIToken
	if err := s.authorize(who, OpManageTokens); err != nil {
		return out, "", err
	}
	if who.Role != RoleOperator && !who.Fresh {
		return out, "", fail(CodeConfirmRequired, "sign in again to make a token")
	}
	name := strings.TrimSpace(in.Name)
	if name == "" || utf8.RuneCountInString(name) > 80 || strings.ContainsFunc(name, isControl) {
		return out, "", invalid("/name", "1 to 80 characters")
	}
	scopes, err := newScopes(in.Scopes)
	if err != nil {
		return out, "", err
	}
	now := s.clock().UTC()
	if !in.Expires.After(now) || in.Expires.Sub(now) > maxTokenLife {
		return out, "", invalid("/expires", "in the future, and at most two years away")
	}
	secret := tokenPrefix + newToken(who.Clinic)
	err = s.update(ctx, who, func(u *unit) error {
		n := 0
		for v, err := range u.t.tokens.List(u, u.scope) {
			if err != nil {
				return err
			}
			if v.Name == name {
				return invalid("/name", "another token has this name")
			}
			n++
		}
		if n >= maxTokens {
			return fail(CodeTooMany, "at most %d tokens", maxTokens)
		}
		out = APIToken{
			ID: TokenID(hashToken(secret)), Name: name, Scopes: scopes, Maker: who.Account, Created: u.now, Expires: in.Expires.UTC(),
		}
		if _, err := u.t.tokens.Put(u, u.scope, &out, 0); err != nil {
			return err
		}
		return u.audit("token.create", "token", string(out.ID), string(scopes))
	})
	return out, secret, err
}

// List returns the clinic's tokens, by name.
func (s *Tokens) List(ctx context.Context, who Actor) ([]APIToken, error) {
	if err := s.authorize(who, OpManageTokens); err != nil {
		return nil, err
	}
	var out []APIToken
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for v, err := range u.t.tokens.List(u, u.scope) {
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b APIToken) int { return cmp.Compare(a.Name, b.Name) })
	return out, err
}

// Revoke ends a token, named by its id or its name.
func (s *Tokens) Revoke(ctx context.Context, who Actor, ref string) error {
	if err := s.authorize(who, OpManageTokens); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		for v, err := range u.t.tokens.List(u, u.scope) {
			if err != nil {
				return err
			}
			if string(v.ID) != ref && v.Name != ref {
				continue
			}
			if err := u.t.tokens.Delete(u, u.scope, string(v.ID), store.Any); err != nil {
				return err
			}
			return u.audit("token.revoke", "token", string(v.ID), "")
		}
		return notFound("token")
	})
}

// authenticateToken returns who a clinic's own system is.
func (s *Sessions) authenticateToken(ctx context.Context, token string) (Actor, error) {
	var out Actor
	clinic, ok := clinicOfToken(strings.TrimPrefix(token, tokenPrefix))
	if !ok {
		return out, noSession()
	}
	touch := false
	err := s.view(ctx, System(clinic), func(u *unit) error {
		v, _, err := u.t.tokens.Get(u, u.scope, hashToken(token))
		if errors.Is(err, store.ErrNotFound) {
			return noSession()
		}
		if err != nil {
			return err
		}
		if !u.now.Before(v.Expires) {
			return noSession()
		}
		place, err := u.clinic()
		if err != nil {
			return err
		}
		out = Actor{
			Clinic: clinic, Account: AccountID("token:" + v.ID[:16]), Role: RoleAdmin, Name: v.Name,
			Locale: place.Language(), Token: v.ID, Scopes: v.Scopes,
		}
		touch = u.now.Sub(v.Used) >= seenEvery
		return nil
	})
	if err != nil || !touch {
		return out, err
	}
	return out, s.update(ctx, out, func(u *unit) error {
		v, rev, err := u.t.tokens.Get(u, u.scope, string(out.Token))
		if errors.Is(err, store.ErrNotFound) {
			return noSession() // revoked in between
		}
		if err != nil {
			return err
		}
		v.Used = u.now
		_, err = u.t.tokens.Put(u, u.scope, &v, rev)
		return err
	})
}
