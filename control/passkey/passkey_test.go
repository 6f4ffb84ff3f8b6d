package passkey_test

import (
	"errors"
	"testing"

	"consilium/control/passkey"
	"consilium/control/passkey/passkeytest"
)

const origin = "https://clinic.example"

// registered is a site, a person with one key, and the device that holds it.
func registered(t *testing.T) (*passkey.Site, passkey.Person, *passkeytest.Device) {
	t.Helper()
	site, err := passkey.New(origin)
	if err != nil {
		t.Fatal(err)
	}
	person := passkey.Person{Handle: []byte("clinic.account"), Name: "anna@clinic.example", Full: "Анна", Clinic: "Clinic"}
	device := passkeytest.New(origin, "clinic.example")
	begin, err := site.Register(person)
	if err != nil {
		t.Fatal(err)
	}
	made, err := device.Create(begin.Options)
	if err != nil {
		t.Fatal(err)
	}
	key, err := site.Registered(person, begin.Pending, made)
	if err != nil {
		t.Fatal(err)
	}
	person.Keys = []passkey.Key{key}
	return site, person, device
}

func TestPasskeysOnlyWhereBrowsersAllowThem(t *testing.T) {
	for address, good := range map[string]bool{
		"https://clinic.example": true, "https://clinic.example:8443": true, "http://localhost:8080": true,
		"http://clinic.example": false, "http://127.0.0.1:8080": false, "https://192.0.2.1": false, "": false,
	} {
		if _, err := passkey.New(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestSignIn(t *testing.T) {
	site, person, device := registered(t)
	find := func(handle []byte) (passkey.Person, error) {
		if string(handle) != string(person.Handle) {
			return passkey.Person{}, passkey.ErrRefused
		}
		return person, nil
	}
	for name, whose := range map[string]*passkey.Person{"anybody": nil, "a person": &person} {
		begin, err := site.SignIn(whose)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := device.Get(begin.Options)
		if err != nil {
			t.Fatal(err)
		}
		_, key, err := site.SignedIn(find, begin.Pending, signed)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		person.Keys = []passkey.Key{key}
	}
}

// TestForgedAnswers: each differs from a good one in one thing.
func TestForgedAnswers(t *testing.T) {
	for name, forge := range map[string]func(*passkeytest.Device){
		"another site's page":       func(d *passkeytest.Device) { d.Origin = "https://clinic.example.evil.example" },
		"http instead of https":     func(d *passkeytest.Device) { d.Origin = "http://clinic.example" },
		"another site's key":        func(d *passkeytest.Device) { d.RPID = "evil.example" },
		"an owner not verified":     func(d *passkeytest.Device) { d.Unverified = true },
		"a counter that went back":  func(d *passkeytest.Device) { d.Counter = 0 },
		"a counter that stood stil": func(d *passkeytest.Device) { d.Counter-- },
	} {
		t.Run(name, func(t *testing.T) {
			site, person, device := registered(t)
			find := func([]byte) (passkey.Person, error) { return person, nil }
			try := func() error {
				begin, err := site.SignIn(&person)
				if err != nil {
					t.Fatal(err)
				}
				signed, err := device.Get(begin.Options)
				if err != nil {
					t.Fatal(err)
				}
				_, key, err := site.SignedIn(find, begin.Pending, signed)
				if err == nil {
					person.Keys = []passkey.Key{key}
				}
				return err
			}
			for range 3 {
				if err := try(); err != nil {
					t.Fatal(err)
				}
			}
			forge(device)
			if err := try(); !errors.Is(err, passkey.ErrRefused) {
				t.Errorf("got %v, want %v", err, passkey.ErrRefused)
			}
		})
	}
}

func TestAnswerToAnotherChallenge(t *testing.T) {
	site, person, device := registered(t)
	find := func([]byte) (passkey.Person, error) { return person, nil }
	first, err := site.SignIn(&person)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := device.Get(first.Options)
	if err != nil {
		t.Fatal(err)
	}
	second, err := site.SignIn(&person)
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string][]byte{"replayed": signed, "empty": {}, "no JSON": []byte("x"), "half": signed[:len(signed)/2], "null": []byte("null")} {
		if _, _, err := site.SignedIn(find, second.Pending, answer); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := site.SignedIn(find, nil, signed); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("without a challenge: %v", err)
	}
}

func FuzzAnswer(f *testing.F) {
	site, err := passkey.New(origin)
	if err != nil {
		f.Fatal(err)
	}
	begin, err := site.SignIn(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"","userHandle":"AA"}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		find := func([]byte) (passkey.Person, error) { return passkey.Person{Handle: []byte("x")}, nil }
		if _, _, err := site.SignedIn(find, begin.Pending, answer); err == nil {
			t.Error("accepted")
		}
		if _, err := site.Registered(passkey.Person{Handle: []byte("x")}, begin.Pending, answer); err == nil {
			t.Error("registered")
		}
	})
}
