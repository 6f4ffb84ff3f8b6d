import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import type { Appointment } from "../../api/types";
import { seen } from "../../state/appointments";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";

/** Takes a request back while the clinic has not answered it. */
export function Withdraw({
  appointment,
  onChanged,
}: {
  appointment: Appointment;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  if (appointment.status !== "requested" || !appointment.actions.includes("cancel")) return null;
  const withdraw = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const path = { id: appointment.id };
      const body = { reason: t("book.withdrawReason") };
      const header = seen(appointment.version);
      await ok(api.POST("/appointments/{id}/cancel", { params: { path, header }, body }));
    } catch (fault) {
      setError(fault);
    }
    setBusy(false);
    onChanged();
  };
  return (
    <>
      {error !== undefined && (
        <Notice tone="bad">{t(errorKey(error), { defaultValue: t("error.internal") })}</Notice>
      )}
      <Button busy={busy} onClick={() => void withdraw()}>
        {t("book.withdraw")}
      </Button>
    </>
  );
}
