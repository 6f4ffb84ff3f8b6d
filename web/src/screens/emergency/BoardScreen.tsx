import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import type { Emergency } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { practitionersQuery } from "../../state/directory";
import { type DeskAct, onDutyQuery, queueQuery, useDesk } from "../../state/emergency";
import { useMe } from "../../state/me";
import { useErrorText, useToasts } from "../../state/toast";
import { useNow } from "../../state/useNow";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { EmptyState } from "../../ui/EmptyState";
import { Select, TextArea } from "../../ui/Field";
import { AlertIcon, CheckIcon, SettingsIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./emergency.module.css";
import { SettingsDialog } from "./SettingsDialog";

/** The desk's look at who waits for help now, who is offered it, and who is on duty. */
export default function BoardScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const [settings, setSettings] = useState(false);
  const desk = me.role === "clinic_admin" || me.role === "registrar";
  const { data, error, isPending, refetch } = useQuery({ ...queueQuery, enabled: desk });
  if (!desk) return <Navigate to="/calendar" replace />;
  return (
    <div className={styles.page}>
      <title>{`${t("emergencies.title")} · ${me.clinic.name}`}</title>
      <header className={styles.head}>
        <h1>{t("emergencies.title")}</h1>
        {me.role === "clinic_admin" && (
          <Button icon={SettingsIcon} onClick={() => setSettings(true)}>
            {t("emergencies.settings")}
          </Button>
        )}
      </header>
      <OnDuty />
      {isPending ? (
        <Skeleton lines={5} label={t("loading")} />
      ) : error && !data ? (
        <Failed title={t("emergencies.failed")} error={error} retry={refetch} />
      ) : data.length === 0 ? (
        <EmptyState icon={CheckIcon} title={t("emergencies.none")}>
          {t("emergencies.noneText")}
        </EmptyState>
      ) : (
        <div className={styles.cards} aria-live="polite">
          {data.map((one) => (
            <Waiting key={one.id} call={one} />
          ))}
        </div>
      )}
      {settings && <SettingsDialog onClose={() => setSettings(false)} />}
    </div>
  );
}

function OnDuty() {
  const { t } = useTranslation();
  const format = useFormats();
  const { data } = useQuery(onDutyQuery);
  if (!data) return null;
  return (
    <section className={styles.card} data-testid="on-duty">
      <h2>{t("emergencies.onDuty")}</h2>
      {data.length === 0 ? (
        <Notice tone="warn">{t("emergencies.nobodyOnDuty")}</Notice>
      ) : (
        <ul className={styles.list}>
          {data.map((one) => (
            <li key={one.practitioner.id}>
              <span className={styles.strong}>{one.practitioner.name}</span>{" "}
              <span className={styles.soft}>
                {one.until && t("emergencies.until", { time: format.time(one.until) })}
                {one.busy && `, ${t("emergencies.busy")}`}
                {one.asked && `, ${t("emergencies.asked")}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Waiting({ call }: { call: Emergency }) {
  const { t } = useTranslation();
  const format = useFormats();
  const now = useNow(10_000).getTime();
  const [act, setAct] = useState<DeskAct["act"]>();
  const waited = Math.max(0, now - Date.parse(call.askedAt));
  return (
    <article className={styles.card} data-testid="queued" data-band={call.band}>
      <div className={styles.who}>
        <span className={styles.band} data-band={call.band}>
          <AlertIcon size={18} />
          {t(`offer.band.${call.band}`)}
        </span>
        <h3>{call.appointment.patient.name}</h3>
        <span className={styles.strong}>
          {waited < 60_000
            ? t("emergencies.justNow")
            : t("emergencies.waits", { time: format.duration(waited) })}
        </span>
      </div>
      {call.escalatedAt && (
        <Notice tone="warn">
          {t("emergencies.escalated", { time: format.time(call.escalatedAt) })}
        </Notice>
      )}
      <div>
        <p className={styles.soft}>
          {t(call.offers?.length ? "emergencies.offered" : "emergencies.notOffered")}
        </p>
        <ul className={styles.list}>
          {call.offers?.map((one) => (
            <li key={one.practitioner.id}>
              {one.practitioner.name}{" "}
              <span className={styles.soft}>({t(`emergencies.state.${one.state}`)})</span>
            </li>
          ))}
        </ul>
      </div>
      <div className={styles.actions}>
        <Button variant="primary" data-testid="assign" onClick={() => setAct("assign")}>
          {t("emergencies.assign")}
        </Button>
        <Button onClick={() => setAct("decline")}>{t("emergencies.decline")}</Button>
      </div>
      {act && <DeskDialog call={call} act={act} onClose={() => setAct(undefined)} />}
    </article>
  );
}

function DeskDialog({
  call,
  act,
  onClose,
}: {
  call: Emergency;
  act: DeskAct["act"];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const desk = useDesk();
  const toasts = useToasts();
  const errorText = useErrorText();
  const { data: all = [] } = useQuery(practitionersQuery);
  const doctors = all.filter((one) => one.serviceIds.includes(call.appointment.service.id));
  const [doctor, setDoctor] = useState("");
  const [reason, setReason] = useState("");
  const practitionerId = doctor || doctors[0]?.id || "";
  const ready = act === "assign" ? practitionerId !== "" : reason.trim() !== "";
  const send = () =>
    desk.mutate(
      act === "assign"
        ? { act, id: call.id, practitionerId }
        : { act, id: call.id, reason: reason.trim() },
      { onSuccess: onClose, onError: (error) => toasts.show(errorText(error), "bad") },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(act === "assign" ? "emergencies.assign" : "emergencies.decline")}
      closeLabel={t("action.close")}
      footer={
        <Button
          variant={act === "assign" ? "primary" : "danger"}
          block
          busy={desk.isPending}
          disabled={!ready}
          data-testid="desk-send"
          onClick={send}
        >
          {t(act === "assign" ? "emergencies.assign" : "emergencies.confirmDecline")}
        </Button>
      }
    >
      {act === "assign" ? (
        <Select
          label={t("emergencies.doctor")}
          hint={t("emergencies.assignHint")}
          value={practitionerId}
          onChange={(event) => setDoctor(event.target.value)}
        >
          {doctors.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}, {one.specialty}
            </option>
          ))}
        </Select>
      ) : (
        <TextArea
          label={t("emergencies.declineReason")}
          hint={t("emergencies.declineHint")}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
    </Dialog>
  );
}
