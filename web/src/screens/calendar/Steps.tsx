import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { type Step, useStep } from "../../state/appointments";
import { useErrorText, useToasts } from "../../state/toast";
import { Button, type ButtonVariant } from "../../ui/Button";
import { TextArea } from "../../ui/Field";
import { BanIcon, CheckIcon, type IconType, UserCheckIcon } from "../../ui/icons";
import styles from "./Steps.module.css";

type Name = Step["action"];

/** Steps offered beside the main action, in this order. */
const offered: { name: Name; icon: IconType; asks?: boolean }[] = [
  { name: "confirm", icon: CheckIcon, asks: true },
  { name: "finish", icon: CheckIcon, asks: true },
  { name: "check_in", icon: UserCheckIcon },
  { name: "leave", icon: BanIcon },
  { name: "no_show", icon: BanIcon, asks: true },
  { name: "decline", icon: BanIcon, asks: true },
  { name: "cancel", icon: BanIcon, asks: true },
];

/** The other things that may be done with an appointment; those that end it ask first. */
export function Steps({ appointment }: { appointment: Appointment }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toasts = useToasts();
  const errorText = useErrorText();
  const step = useStep();
  const [asking, setAsking] = useState<Name | null>(null);
  const { id, version, encounterId } = appointment;

  const take = (value: Step) =>
    step.mutate(value, {
      onSuccess: () => {
        setAsking(null);
        toasts.show(t(`appointment.done.${value.action}`), "good");
        if (value.action === "finish") navigate(`/consultation/${value.encounterId}/conclusion`);
      },
      onError: (error) => {
        setAsking(null);
        toasts.show(errorText(error), "bad");
      },
    });
  const simple = (name: Name, reason = "") => {
    if (name === "cancel" || name === "decline") take({ action: name, id, version, reason });
    else if (name === "confirm") take({ action: name, id, version, waiverReason: reason });
    else if (name === "finish") {
      if (encounterId) take({ action: name, id, encounterId });
    } else take({ action: name, id });
  };

  if (asking) {
    return (
      <Question
        name={asking}
        appointment={appointment}
        busy={step.isPending}
        onYes={(reason) => simple(asking, reason)}
        onNo={() => setAsking(null)}
      />
    );
  }
  const shown = offered.filter(({ name }) => appointment.actions.includes(name));
  if (shown.length === 0) return null;
  return (
    <div className={styles.steps}>
      {shown.map(({ name, icon, asks }) => (
        <Button
          key={name}
          icon={icon}
          variant={looks[name] ?? "secondary"}
          busy={step.isPending && !asks}
          onClick={() => (asks ? setAsking(name) : simple(name))}
        >
          {t(`appointment.do.${name}`)}
        </Button>
      ))}
    </div>
  );
}

const looks: Partial<Record<Name, ButtonVariant>> = {
  confirm: "primary",
  cancel: "quiet",
  decline: "quiet",
};

const questions: Partial<Record<Name, string>> = {
  confirm: "appointment.confirmTitle",
  cancel: "appointment.cancelTitle",
  decline: "appointment.declineTitle",
  no_show: "appointment.noShowTitle",
  finish: "appointment.finishTitle",
};

/** Asks in place: a second dialog over the first would be too much. */
function Question({
  name,
  appointment,
  busy,
  onYes,
  onNo,
}: {
  name: Name;
  appointment: Appointment;
  busy: boolean;
  onYes: (reason: string) => void;
  onNo: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const ends = name === "cancel" || name === "decline";
  const needsWaiver = name === "confirm" && appointment.price.minor > 0;
  const needsReason = ends || needsWaiver;
  const missing = needsReason && reason.trim() === "";
  return (
    <form
      className={styles.question}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!missing) onYes(reason.trim());
      }}
    >
      <h3>{t(questions[name] ?? "")}</h3>
      {name === "no_show" && (
        <p>
          {t("appointment.noShowText", {
            patient: appointment.patient.name,
            time: format.time(appointment.start),
          })}
        </p>
      )}
      {name === "finish" && <p>{t("appointment.finishText")}</p>}
      {needsReason && (
        <TextArea
          label={t(needsWaiver ? "booking.waiver" : "appointment.reasonLabel")}
          hint={t(needsWaiver ? "booking.waiverHint" : "appointment.reasonHint")}
          rows={2}
          maxLength={500}
          value={reason}
          autoFocus
          error={tried && missing ? t("appointment.reasonNeeded") : undefined}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      <div className={styles.answers}>
        <Button onClick={onNo}>{t(ends ? "appointment.keep" : "action.back")}</Button>
        <Button
          type="submit"
          variant={name === "finish" || name === "confirm" ? "primary" : "danger"}
          busy={busy}
          autoFocus={!needsReason}
        >
          {t(`appointment.do.${name}`)}
        </Button>
      </div>
    </form>
  );
}
