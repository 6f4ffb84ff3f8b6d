import { type PointerEvent, useContext } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { nextStep } from "../../state/appointmentNext";
import { type Placed, type Scale, takesTime } from "../../state/calendarLayout";
import { cx } from "../../ui/cx";
import { statusLook } from "../../ui/status";
import tones from "../../ui/tones.module.css";
import { ageOf } from "./age";
import { NowContext } from "./now";
import styles from "./TimeGrid.module.css";
import { useVisitName } from "./useVisitName";

/** A visit in the grid: who, in which state and for how long, and what to do next. */
export function VisitBlock({
  placed,
  scale,
  reachable,
  showDoctor,
  outside,
  lifted,
  onTake,
  onOpen,
}: {
  placed: Placed;
  scale: Scale;
  reachable: boolean;
  showDoctor: boolean;
  /** Not within the doctor's hours. */
  outside: boolean;
  /** In the hand at the moment. */
  lifted: boolean;
  onTake: ((event: PointerEvent<HTMLElement>, appointment: Appointment) => void) | undefined;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const now = useContext(NowContext);
  const nameOf = useVisitName();
  const { appointment, top, height, lane, lanes } = placed;
  const { tone } = statusLook(appointment.status);
  const full = t(`status.${appointment.status}`);
  const word = t(`statusShort.${appointment.status}`, { defaultValue: full });
  const age = ageOf(appointment, now);
  const next = nextStep(appointment);
  const spoken = nameOf(appointment, { now, showDoctor, outside });
  return (
    <li
      className={styles.slot}
      style={{
        top: scale.y(top) + 1,
        height: scale.y(top + height) - scale.y(top) - 3,
        left: `${(lane / lanes) * 100}%`,
        width: `${100 / lanes}%`,
      }}
    >
      <button
        type="button"
        data-id={appointment.id}
        data-status={appointment.status}
        tabIndex={reachable ? 0 : -1}
        className={cx(
          styles.event,
          tones[tone],
          !takesTime(appointment) && styles.freed,
          height < 30 && styles.low,
          outside && styles.outside,
          onTake && styles.movable,
          lifted && styles.lifted,
        )}
        title={spoken}
        onPointerDown={onTake && ((event) => onTake(event, appointment))}
        onClick={() => onOpen(appointment.id)}
      >
        <span className="sr-only">{spoken}</span>
        <span aria-hidden="true" className={styles.seen}>
          <span className={styles.patient}>{appointment.patient.name}</span>
          <span className={styles.state}>
            <span className={styles.time}>{format.time(appointment.start)}</span> {word}
            {age !== null && <span className={styles.age}> {format.duration(age)}</span>}
          </span>
          {height >= 30 && (
            <span className={cx(styles.more, next && styles.next)}>
              {next
                ? t(`next.${next}`)
                : outside
                  ? t("calendar.outside")
                  : showDoctor
                    ? appointment.practitioner.name
                    : appointment.service.name}
            </span>
          )}
        </span>
      </button>
    </li>
  );
}
