import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { idempotencyKey } from "../../api/client";
import { useFormats } from "../../i18n/useFormats";
import { useFollowUp, useSuggestion } from "../../state/followUp";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { CalendarIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Segments } from "../../ui/Segments";
import styles from "./FollowUp.module.css";

const spans = { week: "7", fortnight: "14", month: "30" } as const;

/** The visit after a consultation: a time is suggested, and one press books it. */
export function FollowUp({ appointmentId }: { appointmentId: string }) {
  const { t } = useTranslation();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const [days, setDays] = useState<string>(spans.fortnight);
  const { data, isFetching, error } = useSuggestion(appointmentId, Number(days));
  const book = useFollowUp(appointmentId);
  const when = (at: string) => `${format.day(at)}, ${format.time(at)}`;
  if (book.data) {
    return (
      <Notice
        tone="good"
        action={<Link to={`/calendar/${book.data.id}`}>{t("visits.follow.open")}</Link>}
      >
        <span data-testid="follow-up-booked">
          {t("visits.follow.done", { when: when(book.data.start) })}
        </span>
      </Notice>
    );
  }
  return (
    <section className={styles.box} aria-labelledby="follow-up" data-testid="follow-up">
      <h2 id="follow-up">{t("visits.follow.title")}</h2>
      <Segments
        label={t("visits.follow.when")}
        value={days}
        onChange={setDays}
        options={Object.entries(spans).map(([name, value]) => ({
          value,
          name: t(`visits.follow.days.${name}`),
        }))}
      />
      <p role="status" className={styles.when}>
        {data && !error
          ? t("visits.follow.suggest", { when: when(data.start) })
          : t(isFetching ? "visits.follow.searching" : "visits.follow.none")}
      </p>
      <Button
        variant="primary"
        icon={CalendarIcon}
        disabled={!data || Boolean(error)}
        busy={book.isPending}
        data-testid="book-follow-up"
        onClick={() =>
          data &&
          book.mutate(
            { start: data.start, key: idempotencyKey() },
            { onError: (fault) => toasts.show(errorText(fault), "bad") },
          )
        }
      >
        {t("visits.follow.book")}
      </Button>
    </section>
  );
}
