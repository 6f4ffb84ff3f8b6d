import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { byDay } from "../../state/calendarLayout";
import { cx } from "../../ui/cx";
import { EmptyState } from "../../ui/EmptyState";
import { CalendarIcon } from "../../ui/icons";
import styles from "./Agenda.module.css";
import { AppointmentRow } from "./AppointmentRow";

interface Props {
  days: readonly string[];
  appointments: readonly Appointment[];
  today: string;
  now: Date;
  showDoctor: boolean;
  /** Something is filtered out. */
  filtered: boolean;
  onOpen: (id: string) => void;
}

/** Appointments as a list, day by day. */
export function Agenda({ days, appointments, today, now, showDoctor, filtered, onOpen }: Props) {
  const { t } = useTranslation();
  const format = useFormats();
  const map = byDay(appointments, format.zone);
  const full = days.filter((day) => map.has(day));
  const single = days.length === 1;

  if (full.length === 0) {
    return (
      <EmptyState
        icon={CalendarIcon}
        title={t(
          filtered ? "calendar.emptyFiltered" : single ? "calendar.emptyDay" : "calendar.emptyWeek",
        )}
      >
        {t(filtered ? "calendar.emptyFilteredHint" : "calendar.emptyWeekHint")}
      </EmptyState>
    );
  }
  return (
    <div className={styles.agenda}>
      {full.map((day) => (
        <section key={day} aria-labelledby={`list-${day}`} className={styles.day}>
          <h2
            id={`list-${day}`}
            className={cx(styles.title, day === today && styles.today, single && "sr-only")}
          >
            {format.day(instantOf(day, 720, format.zone))}
            {day === today && <span className={styles.mark}>{t("calendar.todayMark")}</span>}
          </h2>
          <ul className={styles.list}>
            {map.get(day)?.map((appointment) => (
              <AppointmentRow
                key={appointment.id}
                appointment={appointment}
                now={now}
                showDoctor={showDoctor}
                onOpen={onOpen}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
