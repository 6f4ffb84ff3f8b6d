package control

import "testing"

func TestMoneyReadsByItsCurrency(t *testing.T) {
	for want, m := range map[string]Money{
		"1250 RUB": {125000, "RUB"}, "1250.05 RUB": {125005, "RUB"}, "-0.50 EUR": {-50, "EUR"},
		"1250 JPY": {1250, "JPY"}, "12.500 KWD": {12500, "KWD"}, "12 KWD": {12000, "KWD"}, "0 RUB": {0, "RUB"},
	} {
		if got := m.String(); got != want {
			t.Errorf("%d %s reads %q, want %q", m.Minor, m.Currency, got, want)
		}
	}
}
