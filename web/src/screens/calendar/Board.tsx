import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { cx } from "../../ui/cx";
import tones from "../../ui/tones.module.css";
import { AppointmentRow } from "./AppointmentRow";
import styles from "./Board.module.css";
import { boardColumns } from "./boardColumns";

interface Props {
  appointments: readonly Appointment[];
  /** Only this day; all that is given without it. */
  day?: string;
  now: Date;
  showDoctor: boolean;
  onOpen: (id: string) => void;
}

/** The day's appointments by where they stand. */
export function Board({ appointments, day, now, showDoctor, onOpen }: Props) {
  const { t } = useTranslation();
  const format = useFormats();
  const shown = day
    ? appointments.filter((item) => dayKey(item.start, format.zone) === day)
    : appointments;
  return (
    <div className={styles.board}>
      {boardColumns.map(({ name, tone, statuses, quiet }) => {
        const items = shown.filter((item) => statuses.has(item.status));
        if (quiet && items.length === 0) return null;
        return (
          <section
            key={name}
            className={cx(styles.column, items.length > 0 && styles.full)}
            aria-labelledby={`board-${name}`}
          >
            <h2 id={`board-${name}`} className={cx(styles.title, tones[tone])}>
              <span className={styles.dot} />
              {t(`board.${name}`)}
              <span className={styles.count}>{items.length}</span>
            </h2>
            {items.length === 0 ? (
              <p className={styles.empty}>{t("board.empty")}</p>
            ) : (
              <ul className={styles.list}>
                {items.map((appointment) => (
                  <AppointmentRow
                    key={appointment.id}
                    card
                    appointment={appointment}
                    now={now}
                    showDoctor={showDoctor}
                    onOpen={onOpen}
                  />
                ))}
              </ul>
            )}
          </section>
        );
      })}
    </div>
  );
}
