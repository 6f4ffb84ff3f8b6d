import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, idempotencyKey, ok } from "../../api/client";
import { errorKey, isApiError } from "../../api/errors";
import type { Appointment, Practitioner, Slot } from "../../api/types";
import { seen } from "../../state/appointments";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { Step } from "./Step";
import { When } from "./When";

/** The last look before a visit moves: the new time is taken before the old one is free. */
export function MoveStep({
  appointment,
  slot,
  doctor,
  onMoved,
  onTaken,
  onOther,
}: {
  appointment: Appointment;
  slot: Slot;
  doctor: Practitioner | undefined;
  onMoved: (made: Appointment) => void;
  onTaken: () => void;
  onOther: () => void;
}) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const key = useRef(idempotencyKey());
  const other = doctor && doctor.id !== appointment.practitioner.id ? doctor : undefined;
  const move = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await ok(
        api.POST("/appointments/{id}/reschedule", {
          params: {
            path: { id: appointment.id },
            header: { ...seen(appointment.version), "Idempotency-Key": key.current },
          },
          body: { start: slot.start, ...(other ? { practitionerId: other.id } : {}) },
        }),
      );
      onMoved(made);
    } catch (fault) {
      setBusy(false);
      if (isApiError(fault, "slot_taken", "slot_unavailable")) onTaken();
      else setError(fault);
    }
  };
  const late = isApiError(error, "transition_refused");
  return (
    <Step title={t("book.move.title")}>
      <section className={visit.card} data-testid="move-step">
        <dl className={css.lines}>
          <div>
            <dt>{t("book.move.from")}</dt>
            <dd>
              <When at={appointment.start} />
              <span className={css.own}>{appointment.practitioner.name}</span>
            </dd>
          </div>
          <div>
            <dt>{t("book.move.to")}</dt>
            <dd>
              <When at={slot.start} />
              <span className={css.own}>{(other ?? appointment.practitioner).name}</span>
            </dd>
          </div>
        </dl>
        <p className={visit.soft}>{t("book.move.note")}</p>
        {error !== undefined && (
          <Notice tone="bad">
            {late ? t("book.move.over") : t(errorKey(error), { defaultValue: t("error.internal") })}
          </Notice>
        )}
        <Button
          variant="primary"
          size="l"
          block
          busy={busy}
          data-testid="confirm-move"
          onClick={() => void move()}
        >
          {t("book.move.save")}
        </Button>
        <Button block disabled={busy} onClick={onOther}>
          {t("book.keep.other")}
        </Button>
      </section>
    </Step>
  );
}
