import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import { addDays } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { Button } from "../../ui/Button";
import { Select } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import visit from "../visit/visit.module.css";
import { usePlace } from "./place";

const spans = [7, 14, 30] as const;

/** The way to a time that is not free yet. */
export function WaitForm({
  patientId,
  serviceId,
  practitionerId,
  today,
  day,
  onHome,
}: {
  patientId: string;
  serviceId: string;
  /** Empty for all who give the service. */
  practitionerId: string;
  today: string;
  /** A day without a free time that the patient looked at: what they most likely want. */
  day: string | undefined;
  onHome: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [open, setOpen] = useState(day !== undefined);
  const [wish, setWish] = useState(day ? "day" : "14");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [before, setBefore] = useState<number>();
  const place = usePlace();

  if (before !== undefined) {
    return (
      <Notice tone="good" action={<Button onClick={onHome}>{t("book.done.home")}</Button>}>
        <span data-testid="wait-joined">
          {t("book.wait.joined")} {place(before)}
        </span>
      </Notice>
    );
  }
  if (!open) {
    return (
      <Button variant="quiet" data-testid="wait-open" onClick={() => setOpen(true)}>
        {t("book.wait.open")}
      </Button>
    );
  }
  const join = async () => {
    setBusy(true);
    setError(undefined);
    const days =
      wish === "day" && day
        ? { first: day, last: day }
        : { first: today, last: addDays(today, Number(wish) - 1) };
    try {
      const body = {
        patientId,
        serviceId,
        ...(practitionerId ? { practitionerId } : {}),
        ...days,
      };
      const entry = await ok(api.POST("/waitlist", { body }));
      setBefore(entry.before);
    } catch (fault) {
      setError(fault);
    }
    setBusy(false);
  };
  return (
    <>
      <h2 className={visit.cardTitle}>{t("book.wait.title")}</h2>
      <p className={visit.soft}>{t("book.wait.text")}</p>
      <Select
        label={t("book.wait.which")}
        value={wish}
        onChange={(event) => setWish(event.target.value)}
      >
        {day && (
          <option value="day">
            {t("book.wait.day", { day: formats.dayInline(`${day}T12:00:00Z`) })}
          </option>
        )}
        {spans.map((count) => (
          <option key={count} value={count}>
            {t("book.wait.days", { count })}
          </option>
        ))}
      </Select>
      {error !== undefined && (
        <Notice tone="bad">{t(errorKey(error), { defaultValue: t("error.internal") })}</Notice>
      )}
      <Button busy={busy} size="l" block data-testid="wait-join" onClick={() => void join()}>
        {t("book.wait.join")}
      </Button>
    </>
  );
}
