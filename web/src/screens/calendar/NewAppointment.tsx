import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { idempotencyKey } from "../../api/client";
import { isApiError } from "../../api/errors";
import type { Booking, Modality, Practitioner, Service } from "../../api/types";
import { dayKey, instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { useBook } from "../../state/appointments";
import { patientsQuery, practitionersQuery, servicesQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { DatePicker } from "../../ui/DatePicker";
import { Dialog } from "../../ui/Dialog";
import { Field, Select, TextArea } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { Picker } from "../../ui/Picker";
import { Segments } from "../../ui/Segments";
import { WaitDialog } from "../waitlist/WaitDialog";
import {
  bestTime,
  firstTime,
  type Prefill,
  times,
  toMinutes,
  useBusy,
  useSlots,
} from "./bookingTimes";
import styles from "./NewAppointment.module.css";
import { TimeSelect } from "./TimeSelect";

interface Values {
  patientId: string;
  serviceId: string;
  practitionerId: string;
  date: string;
  time: string;
  modality: Modality;
  complaint: string;
  waiverReason: string;
}

export default function NewAppointment({
  prefill,
  onClose,
}: {
  prefill: Prefill;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const patients = useQuery(patientsQuery);
  const services = useQuery(servicesQuery);
  const doctors = useQuery(practitionersQuery);
  const book = useBook();
  const [fault, setFault] = useState<string | null>(null);
  const [first] = useState(() => firstTime(prefill, format.zone));
  const form = useForm<Values>({
    // The form library would focus in the order in which fields were registered.
    shouldFocusError: false,
    defaultValues: {
      patientId: "",
      serviceId: "",
      practitionerId: me.role === "practitioner" ? me.person.id : (prefill.doctor ?? ""),
      modality: "video",
      complaint: "",
      waiverReason: "",
      ...first,
    },
  });
  const { register, handleSubmit, watch, control, setValue, setError, formState } = form;
  const { errors } = formState;
  const [serviceId, practitionerId, date] = watch(["serviceId", "practitionerId", "date"]);
  const service = services.data?.find((item) => item.id === serviceId);
  const doctor = doctors.data?.find((item) => item.id === practitionerId);
  const priced = (service?.price.minor ?? 0) > 0 && service?.booking !== "instant";
  const [waiting, setWaiting] = useState(false);
  const mayWait = me.role !== "practitioner" && serviceId !== "" && date !== "";
  const busy = useBusy(practitionerId, date, service?.durationMin ?? 0);
  const slots = useSlots(serviceId, practitionerId, date);
  const choice = times(date, slots, busy, format.zone);
  const time = watch("time");
  // A time that the reader has not chosen gives way to the next free one.
  const free =
    date === first.date
      ? bestTime(choice, first.time, prefill.minutes !== undefined)
      : bestTime(choice, "08:00");
  const own = date && time && format.viewerTime(instantOf(date, toMinutes(time), format.zone));
  const touched = Boolean(formState.dirtyFields.time);
  useEffect(() => {
    if (!touched && free && free !== time) setValue("time", free);
  }, [touched, free, time, setValue]);
  const required = { required: t("booking.required") };
  if (waiting) {
    return (
      <WaitDialog
        first={{ patientId: watch("patientId"), serviceId, practitionerId, day: date }}
        onClose={onClose}
      />
    );
  }

  const submit = handleSubmit((values) => {
    const start = instantOf(values.date, toMinutes(values.time), format.zone);
    if (start.getTime() <= Date.now()) {
      setError("time", { message: t("booking.past") }, { shouldFocus: true });
      return;
    }
    setFault(null);
    // One key per wish: the server then knows a repeated request for what it is.
    book.mutate(
      { booking: toBooking(values, start, priced), key: idempotencyKey() },
      {
        onSuccess: (made) => {
          const when = `${format.dayInline(made.start)}, ${format.time(made.start)}`;
          toasts.show(t("booking.booked", { patient: made.patient.name, when }), "good");
          onClose();
        },
        onError: (error) => {
          if (isApiError(error, "slot_taken")) {
            setError("time", { message: t("booking.taken") }, { shouldFocus: true });
          } else setFault(errorText(error));
        },
      },
    );
  }, focusFirstFault);

  return (
    <Dialog
      open
      onClose={onClose}
      title={t("booking.title")}
      closeLabel={t("action.close")}
      footer={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" form="booking" variant="primary" busy={book.isPending}>
            {t("booking.save")}
          </Button>
        </>
      }
    >
      <form id="booking" className={styles.form} noValidate onSubmit={submit}>
        {fault && <Notice tone="bad">{fault}</Notice>}
        <Controller
          name="patientId"
          control={control}
          rules={required}
          render={({ field, fieldState }) => (
            <Picker
              label={t("booking.patient")}
              placeholder={t("booking.patientSearch")}
              none={t("booking.patientNone")}
              options={patients.data ?? []}
              value={field.value}
              onChange={field.onChange}
              onBlur={field.onBlur}
              inputRef={field.ref}
              error={fieldState.error?.message}
            />
          )}
        />
        <Select
          label={t("booking.service")}
          error={errors.serviceId?.message}
          {...register("serviceId", {
            ...required,
            onChange: (event: { target: { value: string } }) => {
              const chosen = services.data?.find((item) => item.id === event.target.value);
              const way = chosen?.modalities[0];
              if (way) setValue("modality", way);
              if (doctor && !gives(doctor, event.target.value) && me.role !== "practitioner") {
                setValue("practitionerId", "");
              }
            },
          })}
        >
          <option value="">{t("booking.serviceChoose")}</option>
          {offered(services.data ?? [], me.role === "practitioner" ? doctor : undefined).map(
            (item) => (
              <option key={item.id} value={item.id}>
                {t("booking.serviceOption", {
                  name: item.name,
                  minutes: item.durationMin,
                  price: format.money(item.price),
                })}
              </option>
            ),
          )}
        </Select>
        {me.role !== "practitioner" && (
          <Select
            label={t("booking.doctor")}
            error={errors.practitionerId?.message}
            {...register("practitionerId", required)}
          >
            <option value="">{t("booking.doctorChoose")}</option>
            {(doctors.data ?? [])
              .filter((item) => !serviceId || gives(item, serviceId))
              .map((item) => (
                <option key={item.id} value={item.id}>
                  {item.name}, {item.specialty}
                </option>
              ))}
          </Select>
        )}
        <div className={styles.pair}>
          <Controller
            name="date"
            control={control}
            rules={required}
            render={({ field, fieldState }) => (
              <DatePicker
                label={t("booking.date")}
                locale={format.locale}
                min={dayKey(new Date(), format.zone)}
                value={field.value}
                onChange={field.onChange}
                error={fieldState.error?.message}
              />
            )}
          />
          <TimeSelect
            choice={choice}
            anyTime={!serviceId}
            error={errors.time?.message}
            {...register("time", required)}
          />
        </div>
        <p className={styles.zone}>
          {own
            ? t("move.both", { zone: format.zone, own })
            : t("booking.zone", { zone: format.zone })}
        </p>
        {mayWait && slots.length === 0 && (
          <Notice
            action={
              <Button size="s" data-testid="to-waitlist" onClick={() => setWaiting(true)}>
                {t("visits.waitlist.add")}
              </Button>
            }
          >
            {t("visits.waitlist.fullDay")}
          </Notice>
        )}
        {service && service.modalities.length > 1 && (
          <Controller
            name="modality"
            control={control}
            render={({ field }) => (
              <div className={styles.choice}>
                <span className={styles.label}>{t("booking.format")}</span>
                <Segments
                  label={t("booking.format")}
                  value={field.value}
                  onChange={field.onChange}
                  options={service.modalities.map((way) => ({
                    value: way,
                    name: t(`modality.${way}`),
                  }))}
                />
              </div>
            )}
          />
        )}
        {priced && (
          <Field
            label={t("booking.waiver")}
            hint={t("booking.waiverHint")}
            maxLength={500}
            error={errors.waiverReason?.message}
            {...register("waiverReason", {
              validate: (text) => !priced || text.trim() !== "" || t("booking.required"),
            })}
          />
        )}
        <TextArea
          label={t("booking.complaint")}
          mark={t("booking.optional")}
          hint={t("booking.complaintHint")}
          rows={2}
          maxLength={2000}
          {...register("complaint")}
        />
      </form>
    </Dialog>
  );
}

/** After the faults are drawn, the topmost one gets the focus. */
function focusFirstFault() {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('#booking [aria-invalid="true"]')?.focus();
  });
}

const gives = (doctor: Practitioner, serviceId: string) => doctor.serviceIds.includes(serviceId);

const offered = (services: readonly Service[], doctor: Practitioner | undefined) =>
  doctor ? services.filter((item) => gives(doctor, item.id)) : services;

function toBooking(values: Values, start: Date, priced: boolean): Booking {
  const complaint = values.complaint.trim();
  return {
    patientId: values.patientId,
    serviceId: values.serviceId,
    practitionerId: values.practitionerId,
    start: start.toISOString(),
    modality: values.modality,
    ...(complaint ? { complaint } : {}),
    ...(priced ? { waiverReason: values.waiverReason.trim() } : {}),
  };
}
