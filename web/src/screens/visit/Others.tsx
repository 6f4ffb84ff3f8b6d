import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { StatusChip } from "../../ui/StatusChip";
import css from "../booking/booking.module.css";
import { VisitActions } from "../booking/VisitActions";
import { BeforeVisit } from "./BeforeVisit";
import visit from "./visit.module.css";
import { Withdraw } from "./Withdraw";

/** What else is asked for or booked, and what the clinic turned down. */
export function Others({
  appointments,
  clockOffset,
  onMove,
  onChanged,
  onIntake,
}: {
  appointments: readonly Appointment[];
  clockOffset: number;
  onMove: (id: string) => void;
  onChanged: () => void;
  onIntake: (appointmentId: string) => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (appointments.length === 0) return null;
  return (
    <section className={visit.card} aria-labelledby="others-title">
      <h2 id="others-title" className={visit.cardTitle}>
        {t("visit.others")}
      </h2>
      <ul className={css.others} aria-live="polite">
        {appointments.map((one) => {
          const own = formats.viewerTime(one.start);
          return (
            <li key={one.id} data-testid="other-appointment" data-status={one.status}>
              <StatusChip status={one.status} />
              <p>
                <strong>
                  {formats.day(one.start)}, {formats.time(one.start)}
                </strong>
                {own && (
                  <span className={css.own}>
                    {t("visit.next.clinicTime")}; {t("visit.next.yourTime", { time: own })}
                  </span>
                )}
              </p>
              <p className={visit.soft}>
                {one.service.name}, {one.practitioner.name}
              </p>
              {one.reason && <p>{t("book.reason", { reason: one.reason })}</p>}
              <BeforeVisit appointment={one} onIntake={onIntake} />
              <Withdraw appointment={one} onChanged={onChanged} />
              <VisitActions
                appointment={one}
                clockOffset={clockOffset}
                onMove={() => onMove(one.id)}
                onChanged={onChanged}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
