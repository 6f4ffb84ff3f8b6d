import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { nextStep } from "../../state/appointmentNext";
import { takesTime } from "../../state/calendarLayout";
import { cx } from "../../ui/cx";
import { ChevronRightIcon } from "../../ui/icons";
import { StatusChip } from "../../ui/StatusChip";
import { statusLook } from "../../ui/status";
import tones from "../../ui/tones.module.css";
import styles from "./AppointmentRow.module.css";
import { ageOf } from "./age";

interface Props {
  appointment: Appointment;
  now: Date;
  showDoctor: boolean;
  onOpen: (id: string) => void;
}

/** An appointment as one line of a list: who, when, where it stands and what to do next. */
export function AppointmentRow({ appointment, now, showDoctor, onOpen }: Props) {
  const { t } = useTranslation();
  const format = useFormats();
  const { tone } = statusLook(appointment.status);
  const age = ageOf(appointment, now);
  const next = nextStep(appointment);
  const own = format.viewerTime(appointment.start);
  return (
    <li>
      <button
        type="button"
        data-id={appointment.id}
        className={cx(styles.row, tones[tone], !takesTime(appointment) && styles.freed)}
        onClick={() => onOpen(appointment.id)}
      >
        <span className={styles.time}>
          <b>{format.time(appointment.start)}</b>
          <span>{t("appointment.duration", { minutes: appointment.service.durationMin })}</span>
          {own && <span>{t("calendar.own", { time: own })}</span>}
        </span>
        <span className={styles.text}>
          <span className={styles.patient}>{appointment.patient.name}</span>
          <span className={styles.more}>
            {appointment.service.name}
            {showDoctor && ` · ${appointment.practitioner.name}`}
            {appointment.modality !== "video" && ` · ${t(`modality.${appointment.modality}`)}`}
          </span>
          {next && <span className={styles.next}>{t(`next.${next}`)}</span>}
        </span>
        <span className={styles.end}>
          <StatusChip
            status={appointment.status}
            compact
            age={age === null ? undefined : format.duration(age)}
          />
          <ChevronRightIcon size={18} className={styles.arrow ?? ""} />
        </span>
      </button>
    </li>
  );
}
