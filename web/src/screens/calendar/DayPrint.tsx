import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { seesAll } from "../../state/calendar";
import type { CalendarFilter } from "../../state/calendarFilter";
import { byDay } from "../../state/calendarLayout";
import { useMe } from "../../state/me";
import styles from "./DayPrint.module.css";

/** The list for paper: shown to printers only, instead of all else on the page. */
export function DayPrint({
  days,
  visits,
  filter,
}: {
  days: readonly string[];
  visits: readonly Appointment[];
  filter: CalendarFilter;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const me = useMe();
  const map = byDay(visits, format.zone);
  const all = seesAll(me.role) && !filter.doctor;
  const one = visits.find((item) => item.practitioner.id === filter.doctor)?.practitioner.name;
  return (
    <section className={styles.print} data-testid="print-list" aria-hidden="true">
      <h1>{[me.clinic.name, one ?? (all ? "" : me.person.name)].filter(Boolean).join(" · ")}</h1>
      {days.map((day) => (
        <div key={day} className={styles.day}>
          <h2>{format.day(instantOf(day, 720, format.zone))}</h2>
          <table>
            <thead>
              <tr>
                <th>{t("booking.time")}</th>
                <th>{t("booking.patient")}</th>
                <th>{t("appointment.service")}</th>
                {all && <th>{t("appointment.doctor")}</th>}
                <th>{t("appointment.format")}</th>
                <th>{t("calendar.state")}</th>
              </tr>
            </thead>
            <tbody>
              {(map.get(day) ?? []).map((item) => (
                <tr key={item.id}>
                  <td className="tnum">{format.timeRange(item.start, item.end)}</td>
                  <td>{item.patient.name}</td>
                  <td>{item.service.name}</td>
                  {all && <td>{item.practitioner.name}</td>}
                  <td>{t(`modality.${item.modality}`)}</td>
                  <td>{t(`status.${item.status}`)}</td>
                </tr>
              ))}
              {!map.has(day) && (
                <tr>
                  <td colSpan={6}>{t("calendar.emptyDay")}</td>
                </tr>
              )}
            </tbody>
          </table>
        </div>
      ))}
      <p>
        {t("calendar.printed", { when: format.dateTime(new Date()) })}{" "}
        {t("time.clinicZone", { zone: format.zone })}
      </p>
    </section>
  );
}
