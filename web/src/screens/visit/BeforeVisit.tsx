import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { Button } from "../../ui/Button";
import { CheckIcon, PenIcon } from "../../ui/icons";

/** The way to what the patient tells before a visit, while it can be told. */
export function BeforeVisit({
  appointment,
  onIntake,
}: {
  appointment: Appointment;
  onIntake: (appointmentId: string) => void;
}) {
  const { t } = useTranslation();
  if (!appointment.actions.includes("fill_in")) return null;
  const filled = appointment.intakeFilled === true;
  return (
    <Button
      icon={filled ? CheckIcon : PenIcon}
      size="l"
      block
      data-testid="intake-open"
      onClick={() => onIntake(appointment.id)}
    >
      {t(filled ? "intake.change" : "intake.open")}
    </Button>
  );
}
