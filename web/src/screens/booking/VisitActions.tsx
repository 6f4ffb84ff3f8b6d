import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { Button, buttonClass } from "../../ui/Button";
import { BanIcon, CalendarIcon, ClockIcon } from "../../ui/icons";
import css from "./booking.module.css";
import { calendarFile } from "./calendarFile";

const CancelDialog = lazy(() => import("./CancelDialog"));

/** What a patient may do with a booked visit besides coming to it. */
export function VisitActions({
  appointment,
  clockOffset,
  onMove,
  onChanged,
}: {
  appointment: Appointment;
  clockOffset: number;
  onMove: () => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const [cancelling, setCancelling] = useState(false);
  const { actions, status, id } = appointment;
  if (status !== "booked") return null;
  return (
    <div className={css.acts}>
      {actions.includes("reschedule") && (
        <Button icon={ClockIcon} data-testid="move-visit" onClick={onMove}>
          {t("book.move.open")}
        </Button>
      )}
      <a className={buttonClass()} href={calendarFile(id)} download="visit.ics">
        <CalendarIcon size={20} />
        {t("book.done.calendar")}
      </a>
      {actions.includes("cancel") && (
        <Button
          icon={BanIcon}
          variant="quiet"
          data-testid="cancel-visit"
          onClick={() => setCancelling(true)}
        >
          {t("book.cancel.open")}
        </Button>
      )}
      {cancelling && (
        <Suspense>
          <CancelDialog
            appointment={appointment}
            clockOffset={clockOffset}
            onMove={actions.includes("reschedule") ? onMove : undefined}
            onClose={() => {
              setCancelling(false);
              onChanged();
            }}
          />
        </Suspense>
      )}
    </div>
  );
}
