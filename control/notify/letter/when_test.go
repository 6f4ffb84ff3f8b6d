package letter

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestWhen(t *testing.T) {
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 6, 6, 5, 0, 0, time.UTC).In(moscow)
	for _, test := range []struct{ got, want string }{
		{When("en", at), "6 May 2026, 09:05"},
		{When("ru", at), "6 мая 2026, 09:05"},
		{Zone(at), "Europe/Moscow, UTC+3"},
		{Zone(at.In(time.FixedZone("", -9000))), "UTC−2:30"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestIn(t *testing.T) {
	start := time.Date(2026, 11, 26, 14, 0, 0, 0, time.FixedZone("", 3*3600))
	for _, test := range []struct {
		ahead  time.Duration
		en, ru string
	}{
		{0, "in 1 minute", "через 1 минуту"},
		{2 * time.Minute, "in 2 minutes", "через 2 минуты"},
		{10*time.Minute - time.Second, "in 10 minutes", "через 10 минут"},
		{23 * time.Minute, "in 25 minutes", "через 25 минут"},
		{59 * time.Minute, "in 1 hour", "через 1 час"},
		{2 * time.Hour, "in 2 hours", "через 2 часа"},
		{12 * time.Hour, "today", "сегодня"},
		{15 * time.Hour, "tomorrow", "завтра"},
		{24 * time.Hour, "tomorrow", "завтра"},
		{50 * time.Hour, "in 2 days", "через 2 дня"},
		{21 * 24 * time.Hour, "in 21 days", "через 21 день"},
		{12 * 24 * time.Hour, "in 12 days", "через 12 дней"},
	} {
		now := start.Add(-test.ahead).UTC()
		if en, ru := In("en", now, start), In("ru", now, start); en != test.en || ru != test.ru {
			t.Errorf("%s ahead: %q, %q, want %q, %q", test.ahead, en, ru, test.en, test.ru)
		}
	}
}
