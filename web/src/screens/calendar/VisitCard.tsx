import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Appointment } from "../../api/types";
import { dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { type NextStep, nextStep } from "../../state/appointmentNext";
import { takesTime } from "../../state/calendarLayout";
import { buttonClass } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { StatusChip } from "../../ui/StatusChip";
import { statusLook } from "../../ui/status";
import tones from "../../ui/tones.module.css";
import { ageOf } from "./age";
import styles from "./VisitCard.module.css";

/** A visit on the board: who, when, for how long it has stood so, and the one thing to do next. */
export function VisitCard({
  appointment,
  now,
  today,
  showDoctor,
  onOpen,
}: {
  appointment: Appointment;
  now: Date;
  today: string;
  showDoctor: boolean;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const { id, status, start, patient, practitioner, service, encounterId } = appointment;
  const { tone } = statusLook(status);
  const age = ageOf(appointment, now);
  const next = nextStep(appointment);
  const own = format.viewerTime(start);
  const room = placeOf(next, encounterId);
  const look = buttonClass({
    size: "s",
    block: true,
    variant: status === "waiting" ? "primary" : "secondary",
  });
  return (
    <li className={cx(styles.card, tones[tone], !takesTime(appointment) && styles.freed)}>
      <button type="button" data-id={id} className={styles.open} onClick={() => onOpen(id)}>
        <span className={styles.when}>
          <b>{format.time(start)}</b>
          {dayKey(start, format.zone) !== today && <span>{format.shortDay(start)}</span>}
          {own && <span>{t("calendar.own", { time: own })}</span>}
        </span>
        <span className={styles.patient}>{patient.name}</span>
        <span className={styles.more}>{service.name}</span>
        {showDoctor && <span className={styles.doctor}>{practitioner.name}</span>}
        <span className={styles.state}>
          <StatusChip status={status} compact />
          {age !== null && <span className={styles.age}>{format.duration(age)}</span>}
        </span>
      </button>
      {next &&
        (room ? (
          <Link
            to={room}
            className={look}
            aria-label={t("next.of", { step: t(`next.${next}`), name: patient.name })}
          >
            {t(`next.${next}`)}
          </Link>
        ) : (
          <button
            type="button"
            className={look}
            aria-label={t("next.of", { step: t(`next.${next}`), name: patient.name })}
            onClick={() => onOpen(id)}
          >
            {t(`next.${next}`)}
          </button>
        ))}
    </li>
  );
}

/** Where a step is taken; what has to be asked about first is asked beside the calendar. */
function placeOf(next: NextStep | null, encounterId: string | undefined): string | null {
  if (!next || !encounterId || next === "confirm" || next === "finish") return null;
  const room = `/consultation/${encounterId}`;
  return next === "sign" || next === "write" ? `${room}/conclusion` : room;
}
