import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Appointment } from "../../api/types";
import { seen } from "../../state/appointments";
import { useNow } from "../../state/useNow";
import { Button } from "../../ui/Button";
import { ClockIcon } from "../../ui/icons";
import { countdown } from "../../visit/booking";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { When } from "./When";

/** Times that are kept for the patient: chosen and not booked yet, or freed for who waited. */
export default function Kept({
  appointments,
  clockOffset,
  onFinish,
  onChanged,
}: {
  appointments: readonly Appointment[];
  clockOffset: number;
  onFinish: (id: string) => void;
  onChanged: () => void;
}) {
  return appointments.map((one) => (
    <KeptTime
      key={one.id}
      appointment={one}
      clockOffset={clockOffset}
      onFinish={() => onFinish(one.id)}
      onChanged={onChanged}
    />
  ));
}

function KeptTime({
  appointment,
  clockOffset,
  onFinish,
  onChanged,
}: {
  appointment: Appointment;
  clockOffset: number;
  onFinish: () => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const now = useNow(1000).getTime() + clockOffset;
  const [busy, setBusy] = useState(false);
  const { id, version, offered = false, status } = appointment;
  const left = Date.parse(appointment.holdExpires ?? "") - now;
  if (left <= 0) return null;
  const release = async () => {
    setBusy(true);
    const params = { path: { id }, header: seen(version) };
    await ok(api.POST("/appointments/{id}/release", { params })).catch(() => undefined);
    onChanged();
    setBusy(false);
  };
  const paying = status === "awaiting_payment";
  return (
    <section
      className={visit.card}
      aria-labelledby={`kept-${id}`}
      data-testid={offered ? "offer" : "kept"}
    >
      <div role={offered ? "status" : undefined}>
        <h2 id={`kept-${id}`} className={visit.cardTitle}>
          {t(offered ? "book.held.offered" : "book.held.title")}
        </h2>
      </div>
      <p>
        <When at={appointment.start} />
        <span className={css.own}>
          {appointment.service.name}, {appointment.practitioner.name}
        </span>
      </p>
      <p className={css.kept}>
        <ClockIcon size={22} />
        <span role="timer" className="tnum">
          {t("book.held.left", { time: countdown(left) })}
        </span>
      </p>
      {paying ? (
        <p>{t("book.held.paying")}</p>
      ) : (
        <Button variant="primary" size="l" block data-testid="finish-booking" onClick={onFinish}>
          {t(offered ? "book.held.take" : "book.held.finish")}
        </Button>
      )}
      {appointment.actions.includes("release") && (
        <Button block busy={busy} data-testid="release" onClick={() => void release()}>
          {t(offered ? "book.held.releaseOffer" : "book.held.release")}
        </Button>
      )}
    </section>
  );
}
