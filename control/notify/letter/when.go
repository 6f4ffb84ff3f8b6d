package letter

import (
	"fmt"
	"strconv"
	"time"
)

// When writes a moment as people of a language read it: 26 November 2026, 14:30. The
// time says by which zone.
func When(locale string, t time.Time) string {
	y, m, d := t.Date()
	if locale == "ru" {
		return fmt.Sprintf("%d %s %d, %02d:%02d", d, monthsRu()[m-1], y, t.Hour(), t.Minute())
	}
	return fmt.Sprintf("%d %s %d, %02d:%02d", d, m, y, t.Hour(), t.Minute())
}

func monthsRu() [12]string {
	return [12]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}
}

// Zone names the zone of a time with its distance from UTC then: Europe/Moscow, UTC+3.
func Zone(t time.Time) string {
	_, offset := t.Zone()
	sign := '+'
	if offset < 0 {
		sign, offset = '−', -offset
	}
	name := fmt.Sprintf("UTC%c%d", sign, offset/3600)
	if minutes := offset / 60 % 60; minutes != 0 {
		name += fmt.Sprintf(":%02d", minutes)
	}
	if zone := t.Location().String(); zone != "UTC" && zone != "" && zone != "Local" {
		return zone + ", " + name
	}
	return name
}

// soon is how far ahead something is told in hours and minutes instead of days.
const soon = 3 * time.Hour

// In says how far ahead start is: in 10 minutes, in 1 hour, today, tomorrow. Days are
// those of start's zone.
func In(locale string, now, start time.Time) string {
	ahead := start.Sub(now)
	switch hours := int(ahead.Round(time.Hour) / time.Hour); {
	case ahead < 45*time.Minute:
		minutes := max(int(ahead.Round(time.Minute)/time.Minute), 1)
		if minutes > 10 {
			minutes = (minutes + 2) / 5 * 5
		}
		return count(locale, minutes, "minute", "минуту", "минуты", "минут")
	case ahead <= soon:
		return count(locale, max(hours, 1), "hour", "час", "часа", "часов")
	}
	switch days := daysBetween(now.In(start.Location()), start); days {
	case 0:
		return word(locale, "today", "сегодня")
	case 1:
		return word(locale, "tomorrow", "завтра")
	default:
		return count(locale, days, "day", "день", "дня", "дней")
	}
}

func word(locale, en, ru string) string {
	if locale == "ru" {
		return ru
	}
	return en
}

// count says "in n units", in Russian with the form that the number asks for.
func count(locale string, n int, unit, one, few, many string) string {
	number := strconv.Itoa(n)
	if locale != "ru" {
		if n != 1 {
			unit += "s"
		}
		return "in " + number + " " + unit
	}
	form := many
	switch tens := n % 100; {
	case tens >= 11 && tens <= 14:
	case n%10 == 1:
		form = one
	case n%10 >= 2 && n%10 <= 4:
		form = few
	}
	return "через " + number + " " + form
}

func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}
