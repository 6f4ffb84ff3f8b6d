import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { addDays, instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { useAppointments } from "../../state/appointments";
import { takesTime } from "../../state/calendarLayout";
import styles from "./NewAppointment.module.css";

/** When the doctor is busy on the chosen day, so that a free time is found at once. */
export function BusyThatDay({ practitionerId, date }: { practitionerId: string; date: string }) {
  const { t } = useTranslation();
  const format = useFormats();
  const from = useMemo(() => instantOf(date, 0, format.zone), [date, format.zone]);
  const to = useMemo(() => instantOf(addDays(date, 1), 0, format.zone), [date, format.zone]);
  const { data } = useAppointments(from, to);
  if (!data) return null;
  const busy = data.filter((item) => takesTime(item) && item.practitioner.id === practitionerId);
  if (busy.length === 0) return <p className={styles.busy}>{t("booking.free")}</p>;
  return (
    <div className={styles.busy}>
      {t("booking.busy")}
      <ul>
        {busy.map((item) => (
          <li key={item.id}>{format.timeRange(item.start, item.end)}</li>
        ))}
      </ul>
    </div>
  );
}
