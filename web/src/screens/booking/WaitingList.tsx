import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { WaitEntry } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button } from "../../ui/Button";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { usePlace } from "./place";

/** What the patient waits for, and where in line; an offer stands above all, in its own card. */
export default function WaitingList({
  entries,
  onChanged,
}: {
  entries: readonly WaitEntry[];
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const place = usePlace();
  const [leaving, setLeaving] = useState("");
  const leave = async (id: string) => {
    setLeaving(id);
    await ok(api.DELETE("/waitlist/{id}", { params: { path: { id } } })).catch(() => undefined);
    onChanged();
    setLeaving("");
  };
  const day = (key: string) => formats.shortDay(`${key}T12:00:00Z`);
  return (
    <section className={visit.card} aria-labelledby="wait-title">
      <h2 id="wait-title" className={visit.cardTitle}>
        {t("book.wait.title")}
      </h2>
      <ul className={css.entries} aria-live="polite">
        {entries.map((one) => (
          <li key={one.id} className={css.entry} data-testid="wait-entry" data-status={one.status}>
            <p>
              <strong>{one.service.name}</strong>
              <span className={css.own}>
                {one.practitioner?.name ?? t("book.wait.anyDoctor")},{" "}
                {one.first === one.last
                  ? day(one.first)
                  : t("book.wait.dates", { first: day(one.first), last: day(one.last) })}
              </span>
            </p>
            <p>{one.status === "offered" ? t("book.held.offered") : place(one.before)}</p>
            <Button
              busy={leaving === one.id}
              data-testid="wait-leave"
              onClick={() => void leave(one.id)}
            >
              {t("book.wait.leave")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
