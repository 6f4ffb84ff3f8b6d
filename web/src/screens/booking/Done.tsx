import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button, buttonClass } from "../../ui/Button";
import { CalendarIcon, CheckIcon, ClockIcon } from "../../ui/icons";
import { BeforeVisit } from "../visit/BeforeVisit";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { calendarFile } from "./calendarFile";
import { Step } from "./Step";
import { useShortWhen, When } from "./When";

/** The end of a booking: what it came to, the file for the calendar, and what comes next. */
export function Done({
  appointment,
  before,
  onIntake,
  onHome,
}: {
  appointment: Appointment;
  /** Where the visit was before it moved. */
  before: string | undefined;
  onIntake: (appointmentId: string) => void;
  onHome: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const when = useShortWhen();
  const { status, price, actions, start, practitioner, service } = appointment;
  const asked = status === "requested" || status === "awaiting_payment";
  const title = before ? "moved" : asked ? status : "booked";
  return (
    <Step title={t(`book.done.${title}`)}>
      <section className={visit.card} data-testid="booking-done" data-status={status}>
        <div className={css.done}>
          <span className={visit.bigSign}>
            {asked ? <ClockIcon size={40} /> : <CheckIcon size={40} />}
          </span>
          <p>
            <When at={start} />
          </p>
          <p className={visit.soft}>
            {practitioner.name}, {service.name}
          </p>
          {before && <p className={visit.soft}>{t("book.done.before", { when: when(before) })}</p>}
        </div>
        {!asked && (
          <a
            className={buttonClass({ size: "l", block: true })}
            href={calendarFile(appointment.id)}
            download="visit.ics"
            data-testid="add-calendar"
          >
            <CalendarIcon size={20} />
            {t("book.done.calendar")}
          </a>
        )}
        <BeforeVisit appointment={appointment} onIntake={onIntake} />
        <div>
          <h2 className={visit.cardTitle}>{t("book.done.next")}</h2>
          <ul className={css.after}>
            {status === "requested" && <li>{t("book.done.answer")}</li>}
            {status === "awaiting_payment" && (
              <li>{t("book.done.paying", { when: when(appointment.holdExpires ?? start) })}</li>
            )}
            {!asked && (
              <>
                <li>{t("book.done.remind")}</li>
                <li>{t("book.done.enter")}</li>
                {price.minor > 0 && !before && !actions.includes("pay") && (
                  <li>{t("book.done.payLater", { price: formats.money(price) })}</li>
                )}
              </>
            )}
          </ul>
        </div>
        <Button variant="primary" size="l" block data-testid="booking-home" onClick={onHome}>
          {t("book.done.home")}
        </Button>
      </section>
    </Step>
  );
}
