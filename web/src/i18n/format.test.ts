import { describe, expect, it } from "vitest";
import {
  addDays,
  dayKey,
  instantOf,
  makeFormats,
  minuteOfDay,
  weekStart,
  zoneOffset,
} from "./format";

describe("clock arithmetic", () => {
  it("finds the day and minute of a zone", () => {
    expect(dayKey("2026-11-23T22:30:00Z", "Europe/Moscow")).toBe("2026-11-24");
    expect(minuteOfDay("2026-11-23T22:30:00Z", "Europe/Moscow")).toBe(90);
    expect(zoneOffset("2026-11-23T22:30:40Z", "Europe/Moscow")).toBe(180);
    expect(zoneOffset("2026-11-23T22:30:00Z", "America/St_Johns")).toBe(-210);
  });

  const zones = ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"];
  for (const zone of zones) {
    it(`turns wall time into instants and back over a year in ${zone}`, () => {
      for (let i = 0; i < 366; i++) {
        const day = addDays("2026-01-01", i);
        for (const minutes of [9 * 60, 18 * 60 + 45]) {
          const at = instantOf(day, minutes, zone);
          expect([dayKey(at, zone), minuteOfDay(at, zone)]).toEqual([day, minutes]);
        }
      }
    });
  }

  it("starts weeks on Monday", () => {
    expect(weekStart("2026-11-23")).toBe("2026-11-23");
    expect(weekStart("2026-11-29")).toBe("2026-11-23");
    expect(weekStart("2026-03-01")).toBe("2026-02-23");
  });
});

describe("formats", () => {
  const en = makeFormats("en", "Europe/Moscow", "Europe/Berlin");
  const ru = makeFormats("ru", "Europe/Moscow", "Europe/Moscow");

  it("shows the clinic's time, and the viewer's only when it differs", () => {
    const at = "2026-11-23T11:00:00Z";
    expect(en.time(at)).toBe("14:00");
    expect(en.viewerTime(at)).toBe("12:00");
    expect(ru.viewerTime(at)).toBeNull();
  });

  it("writes money, spans and sizes the way each language does", () => {
    const text = (value: string) => value.replace(/\s/g, " ").replace(/ ?– ?/, "–");
    expect(text(ru.money({ minor: 250000, currency: "RUB" }))).toBe("2 500 ₽");
    expect(text(en.money({ minor: 1999, currency: "EUR" }))).toBe("€19.99");
    expect(text(en.span("2026-11-23", "2026-11-29"))).toBe("23–29 November 2026");
    expect(text(ru.duration(125 * 60_000))).toBe("2 ч 5 мин");
    expect(text(en.fileSize(2_400_000))).toBe("2.3 MB");
  });

  it("counts years lived by the clinic's calendar", () => {
    expect(en.ageYears("1980-11-24", new Date("2026-11-23T20:00:00Z"))).toBe(45);
    expect(en.ageYears("1980-11-24", new Date("2026-11-23T21:00:00Z"))).toBe(46);
  });
});
