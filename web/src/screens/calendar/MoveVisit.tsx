import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "../../api/errors";
import type { Appointment } from "../../api/types";
import { dayKey, instantOf, minuteOfDay } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { seesAll, useMoveVisit } from "../../state/calendar";
import { practitionersQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { DatePicker } from "../../ui/DatePicker";
import { Dialog } from "../../ui/Dialog";
import { Select } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { bestTime, clock, times, toMinutes, useBusy, useSlots } from "./bookingTimes";
import styles from "./NewAppointment.module.css";
import { TimeSelect } from "./TimeSelect";

/** A visit that is to be moved, where it was put down if it was dragged, and what was wrong. */
export interface MoveWish {
  appointment: Appointment;
  start?: Date | undefined;
  /** Whose column; empty for the same doctor. */
  doctor?: string | undefined;
  fault?: string;
}

/** Asks where a visit goes: the keyboard's way, and the last word after a drag. */
export default function MoveVisit({
  wish,
  onClose,
  onRefused,
}: {
  wish: MoveWish;
  onClose: () => void;
  onRefused: (wish: MoveWish) => void;
}) {
  const { t } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const move = useMoveVisit();
  const { appointment, start: dropped } = wish;
  const { zone } = format;
  const first = dropped ?? new Date(appointment.start);
  const [doctorId, setDoctorId] = useState(wish.doctor || appointment.practitioner.id);
  const [date, setDate] = useState(dayKey(first, zone));
  const [time, setTime] = useState(clock(minuteOfDay(first, zone)));
  const [chosen, setChosen] = useState(dropped !== undefined);
  const [fault, setFault] = useState(wish.fault);
  const all = seesAll(me.role);
  const doctors = useQuery({ ...practitionersQuery, enabled: all }).data;
  const able = (all ? (doctors ?? []) : []).filter(({ serviceIds }) =>
    serviceIds.includes(appointment.service.id),
  );
  const doctor = able.find(({ id }) => id === doctorId);

  const busy = useBusy(doctorId, date, appointment.service.durationMin, appointment.id);
  const slots = useSlots(appointment.service.id, doctorId, date);
  const choice = times(date, slots, busy, zone);
  const wall = clock(minuteOfDay(first, zone));
  const free = bestTime(choice, wall) ?? bestTime(choice, "08:00");
  useEffect(() => {
    if (!chosen && free && free !== time) setTime(free);
  }, [chosen, free, time]);

  const start = date ? instantOf(date, toMinutes(time), zone) : null;
  const own = start && format.viewerTime(start);
  const same =
    start?.getTime() === Date.parse(appointment.start) && doctorId === appointment.practitioner.id;
  const wrong = !start
    ? t("booking.required")
    : start.getTime() <= Date.now()
      ? t("booking.past")
      : same
        ? t("move.same")
        : undefined;
  const offered = choice.offered.includes(time);

  // Shown at its new place at once, and the dialog closes; a refusal brings back both, with
  // the reason. A promise, because callbacks would go with the dialog.
  const send = async () => {
    if (!start || wrong) {
      setFault(wrong);
      return;
    }
    onClose();
    const elsewhere = doctor && doctor.id !== appointment.practitioner.id ? doctor : undefined;
    try {
      const made = await move.mutateAsync({ appointment, start, practitioner: elsewhere });
      const when = `${format.dayInline(made.start)}, ${format.time(made.start)}`;
      toasts.show(t("move.done", { patient: made.patient.name, when }), "good");
    } catch (error) {
      const text = isApiError(error, "slot_taken")
        ? t("move.taken")
        : isApiError(error, "version_stale")
          ? t("move.stale")
          : errorText(error);
      toasts.show(t("move.back", { patient: appointment.patient.name, text }), "bad");
      if (isApiError(error, "slot_taken")) {
        onRefused({ appointment, start, doctor: doctorId, fault: text });
      }
    }
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={t("move.title", { patient: appointment.patient.name })}
      closeLabel={t("action.close")}
      footer={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" form="move" variant="primary" data-testid="move">
            {t("move.save")}
          </Button>
        </>
      }
    >
      <form
        id="move"
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {fault && <Notice tone="bad">{fault}</Notice>}
        <p>
          {t("move.from", {
            service: appointment.service.name,
            when: `${format.dayInline(appointment.start)}, ${format.time(appointment.start)}`,
          })}
        </p>
        {able.length > 1 && (
          <Select
            label={t("booking.doctor")}
            value={doctorId}
            onChange={(event) => {
              setDoctorId(event.target.value);
              setFault(undefined);
            }}
          >
            {able.map(({ id, name, specialty }) => (
              <option key={id} value={id}>
                {name}, {specialty}
              </option>
            ))}
          </Select>
        )}
        <div className={styles.pair}>
          <DatePicker
            label={t("booking.date")}
            locale={format.locale}
            min={dayKey(new Date(), zone)}
            value={date}
            onChange={(day) => {
              setDate(day);
              setChosen(false);
              setFault(undefined);
            }}
          />
          <TimeSelect
            choice={choice}
            own={time}
            value={time}
            onChange={(event) => {
              setTime(event.target.value);
              setChosen(true);
              setFault(undefined);
            }}
          />
        </div>
        <p className={styles.zone} role="status">
          {own ? t("move.both", { zone, own }) : t("booking.zone", { zone })}
          {!offered && !wrong && slots.length > 0 && ` ${t("move.outside")}`}
        </p>
        <p className={styles.zone}>{t("move.told")}</p>
      </form>
    </Dialog>
  );
}
