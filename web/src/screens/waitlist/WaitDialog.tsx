import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addDays, dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { patientsQuery, practitionersQuery, servicesQuery } from "../../state/directory";
import { useErrorText, useToasts } from "../../state/toast";
import { useWaitlist } from "../../state/waitlist";
import { Button } from "../../ui/Button";
import { DatePicker } from "../../ui/DatePicker";
import { Dialog } from "../../ui/Dialog";
import { Select } from "../../ui/Field";
import { Picker } from "../../ui/Picker";
import styles from "./waitlist.module.css";

/** Puts a patient on the waiting list for them. */
export function WaitDialog({
  first,
  onClose,
}: {
  /** What is known already, such as from a booking that found no time. */
  first?: { patientId: string; serviceId: string; practitionerId: string; day: string };
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const { join } = useWaitlist();
  const patients = useQuery(patientsQuery).data ?? [];
  const services = useQuery(servicesQuery).data ?? [];
  const doctors = useQuery(practitionersQuery).data ?? [];
  const today = dayKey(new Date(), format.zone);
  const [patientId, setPatient] = useState(first?.patientId ?? "");
  const [serviceId, setService] = useState(first?.serviceId ?? "");
  const [practitionerId, setDoctor] = useState(first?.practitionerId ?? "");
  const [from, setFrom] = useState(first?.day ?? today);
  const [to, setTo] = useState(first?.day ?? addDays(today, 13));
  const [tried, setTried] = useState(false);
  const needed = (value: string) => (tried && !value ? t("booking.required") : undefined);
  const order = from !== "" && to !== "" && to >= from && to >= today;
  const able = doctors.filter(({ serviceIds }) => !serviceId || serviceIds.includes(serviceId));

  const save = () => {
    setTried(true);
    if (!patientId || !serviceId || !order) return;
    const wish = { patientId, serviceId, first: from, last: to };
    join.mutate(practitionerId ? { ...wish, practitionerId } : wish, {
      onSuccess: (entry) => {
        toasts.show(t("visits.waitlist.added", { patient: entry.patient.name }), "good");
        onClose();
      },
      onError: (error) => toasts.show(errorText(error), "bad"),
    });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("visits.waitlist.add")}
      closeLabel={t("action.close")}
      footer={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button variant="primary" busy={join.isPending} data-testid="save-wait" onClick={save}>
            {t("visits.waitlist.save")}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <p className={styles.soft}>{t("visits.waitlist.text")}</p>
        <Picker
          label={t("booking.patient")}
          placeholder={t("booking.patientSearch")}
          none={t("booking.patientNone")}
          options={patients}
          value={patientId}
          onChange={setPatient}
          error={needed(patientId)}
        />
        <Select
          label={t("booking.service")}
          value={serviceId}
          error={needed(serviceId)}
          onChange={(event) => {
            setService(event.target.value);
            const one = doctors.find(({ id }) => id === practitionerId);
            if (one && !one.serviceIds.includes(event.target.value)) setDoctor("");
          }}
        >
          <option value="">{t("booking.serviceChoose")}</option>
          {services
            .filter(({ urgent }) => !urgent)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
        </Select>
        <Select
          label={t("booking.doctor")}
          value={practitionerId}
          onChange={(event) => setDoctor(event.target.value)}
        >
          <option value="">{t("visits.waitlist.anyDoctor")}</option>
          {able.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}, {one.specialty}
            </option>
          ))}
        </Select>
        <div className={styles.pair}>
          <DatePicker
            label={t("visits.waitlist.first")}
            locale={format.locale}
            min={today}
            value={from}
            onChange={(day) => {
              setFrom(day);
              if (day && to < day) setTo(day);
            }}
          />
          <DatePicker
            label={t("visits.waitlist.last")}
            locale={format.locale}
            min={from || today}
            value={to}
            error={tried && !order ? t("hours.fault.dates") : undefined}
            onChange={setTo}
          />
        </div>
      </div>
    </Dialog>
  );
}
