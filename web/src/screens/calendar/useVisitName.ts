import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { nextStep } from "../../state/appointmentNext";
import { ageOf } from "./age";

/** A visit in one sentence, as a screen reader says it and as the tooltip shows it. */
export function useVisitName() {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    appointment: Appointment,
    { now, showDoctor, outside }: { now: Date; showDoctor: boolean; outside: boolean },
  ): string => {
    const age = ageOf(appointment, now);
    const own = format.viewerTime(appointment.start);
    const next = nextStep(appointment);
    const status = t(`status.${appointment.status}`).toLocaleLowerCase(format.locale);
    return [
      format.time(appointment.start) + (own ? ` (${t("time.yours", { time: own })})` : ""),
      appointment.patient.name,
      appointment.service.name,
      age === null
        ? status
        : `${status} ${t("appointment.for", { duration: format.duration(age) })}`,
      t(`modality.${appointment.modality}`).toLocaleLowerCase(format.locale),
      showDoctor && appointment.practitioner.name,
      outside && t("calendar.outside"),
      next && t("calendar.nextIs", { step: t(`next.${next}`).toLocaleLowerCase(format.locale) }),
    ]
      .filter(Boolean)
      .join(", ");
  };
}
