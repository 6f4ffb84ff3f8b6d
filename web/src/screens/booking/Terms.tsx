import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { components } from "../../api/schema";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { termLines } from "../../visit/booking";
import css from "./booking.module.css";
import { useShortWhen } from "./When";

export type Cancellation = components["schemas"]["Cancellation"];

/** What it would mean to cancel now, fetched anew when that changes. */
export function useCancellation(id: string): Cancellation | undefined {
  const [terms, setTerms] = useState<Cancellation>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    ok(api.GET("/appointments/{id}/cancellation", { params: { path: { id } } }))
      .then((found) => {
        if (over) return;
        setTerms(found);
        const left = Date.parse(found.until ?? "") - Date.now();
        if (left < 24 * 60 * 60 * 1000) {
          timer = setTimeout(() => setRound(round + 1), Math.max(left, 0) + 1000);
        }
      })
      // Without them the page says less; the server holds to them all the same.
      .catch(() => undefined);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id, round]);
  return terms;
}

/** The terms of cancellation as sentences with amounts and moments. */
export function Terms({
  appointment,
  terms,
  now,
}: {
  appointment: Appointment;
  terms: Cancellation;
  now: number;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const when = useShortWhen();
  const { price, start } = appointment;
  const lines = price.minor > 0 ? termLines(terms.steps, start, price, now) : [];
  const words = lines.map(({ fee, until }, i) => {
    if (fee.minor === 0) {
      return until ? t("book.terms.freeUntil", { when: when(until) }) : t("book.terms.free");
    }
    const amount = formats.money(fee);
    if (!until) return t(i === 0 ? "book.terms.always" : "book.terms.after", { fee: amount });
    const key = i === 0 ? "book.terms.partUntilFirst" : "book.terms.partUntil";
    return t(key, { fee: amount, when: when(until) });
  });
  return (
    <section className={css.terms} data-testid="terms">
      <h2>{t("book.terms.title")}</h2>
      <ul>
        {words.length === 0 && <li>{t("book.terms.free")}</li>}
        {words.map((line) => (
          <li key={line}>{line}</li>
        ))}
        {Date.parse(terms.moveUntil) > now && (
          <li>{t("book.terms.move", { when: when(terms.moveUntil) })}</li>
        )}
      </ul>
    </section>
  );
}
