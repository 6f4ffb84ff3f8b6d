import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, idempotencyKey, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { seen } from "../../state/appointments";
import { useNow } from "../../state/useNow";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import css from "./booking.module.css";
import { useCancellation } from "./Terms";
import { useShortWhen, When } from "./When";

/** Asks before a visit is cancelled, and says first what that costs. */
export default function CancelDialog({
  appointment,
  clockOffset,
  onMove,
  onClose,
}: {
  appointment: Appointment;
  clockOffset: number;
  /** Missing when the time to move it is over. */
  onMove: (() => void) | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const when = useShortWhen();
  const now = useNow().getTime() + clockOffset;
  const terms = useCancellation(appointment.id);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const key = useRef(idempotencyKey());
  const cancel = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const header = { ...seen(appointment.version), "Idempotency-Key": key.current };
      const params = { path: { id: appointment.id }, header };
      await ok(api.POST("/appointments/{id}/cancel", { params, body: { reason: "" } }));
      onClose();
    } catch (fault) {
      setError(fault);
      setBusy(false);
    }
  };
  const fee = terms && terms.fee.minor > 0 ? formats.money(terms.fee) : undefined;
  const dearer = terms?.until && appointment.price.minor > 0 && terms.refundPercent > 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("book.cancel.title")}
      closeLabel={t("action.close")}
      footer={
        <>
          <Button size="l" onClick={onClose}>
            {t("book.cancel.no")}
          </Button>
          {terms && (
            <Button
              variant="danger"
              size="l"
              busy={busy}
              data-testid="confirm-cancel"
              onClick={() => void cancel()}
            >
              {fee ? t("book.cancel.yesFee", { fee }) : t("book.cancel.yes")}
            </Button>
          )}
        </>
      }
    >
      <div className={css.entries} data-testid="cancel-dialog">
        <p>
          <When at={appointment.start} />
          <span className={css.own}>
            {appointment.service.name}, {appointment.practitioner.name}
          </span>
        </p>
        {terms ? (
          <>
            <p>
              <strong data-testid="cancel-cost">
                {fee
                  ? t("book.cancel.fee", { fee, price: formats.money(appointment.price) })
                  : t("book.cancel.free")}
              </strong>
            </p>
            {dearer && <p>{t("book.cancel.from", { when: when(terms.until ?? "") })}</p>}
            {onMove && Date.parse(terms.moveUntil) > now && (
              <>
                <p>{t("book.cancel.instead", { when: when(terms.moveUntil) })}</p>
                <Button onClick={onMove}>{t("book.move.open")}</Button>
              </>
            )}
          </>
        ) : (
          <Loading label={t("loading")} />
        )}
        {error !== undefined && (
          <Notice tone="bad">{t(errorKey(error), { defaultValue: t("error.internal") })}</Notice>
        )}
      </div>
    </Dialog>
  );
}
