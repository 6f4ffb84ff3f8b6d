import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { appointmentQuery, nextAction } from "../../state/appointments";
import { movable } from "../../state/calendar";
import { useMe } from "../../state/me";
import { useNow } from "../../state/useNow";
import { Avatar } from "../../ui/Avatar";
import { Button, buttonClass } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { EmptyState } from "../../ui/EmptyState";
import {
  CalendarIcon,
  DocumentIcon,
  LockIcon,
  PenIcon,
  SearchIcon,
  VideoIcon,
} from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import { StatusChip } from "../../ui/StatusChip";
import { FollowUp } from "../conclusion/FollowUp";
import { ModalitySwitch } from "../consultation/ModalitySwitch";
import { IntakeMark, IntakePanel } from "../intake/IntakePanel";
import styles from "./AppointmentPanel.module.css";
import { ageOf } from "./age";
import { MoveIcon } from "./icons";
import { Steps } from "./Steps";

/** One appointment beside the calendar: who, what, where it stands, and what to do next. */
export function AppointmentPanel({
  id,
  known,
  onClose,
  onMove,
}: {
  id: string | undefined;
  /** The appointment as the calendar has it, to show at once. */
  known: Appointment | undefined;
  onClose: () => void;
  /** Asks for another time; pages without a calendar leave it out. */
  onMove?: (appointment: Appointment) => void;
}) {
  const { t } = useTranslation();
  const { data, error } = useQuery({ ...appointmentQuery(id ?? ""), enabled: Boolean(id) });
  // The calendar's copy and one's own are refreshed apart; the newer one is right.
  const appointment =
    data && known ? (data.version >= known.version ? data : known) : (data ?? known);
  return (
    <Dialog
      open={Boolean(id)}
      onClose={onClose}
      placement="side"
      closeLabel={t("action.close")}
      title={appointment ? <Title appointment={appointment} /> : t("calendar.title")}
      footer={appointment && <Actions appointment={appointment} onMove={onMove} />}
    >
      {appointment ? (
        <Facts appointment={appointment} />
      ) : error ? (
        <EmptyState icon={SearchIcon} level={3} title={t("appointment.gone")} />
      ) : (
        <Skeleton lines={6} label={t("loading")} />
      )}
    </Dialog>
  );
}

function Title({ appointment }: { appointment: Appointment }) {
  return (
    <span className={styles.title}>
      <Avatar name={appointment.patient.name} size={44} />
      <span>{appointment.patient.name}</span>
    </span>
  );
}

/** When it matters whether the patient has told what there is to tell. */
const before = new Set(["requested", "awaiting_payment", "booked", "waiting"]);

function Facts({ appointment }: { appointment: Appointment }) {
  const { t } = useTranslation();
  const format = useFormats();
  const me = useMe();
  const now = useNow();
  const { actions, status, start, end, service, practitioner } = appointment;
  const age = ageOf(appointment, now);
  const own = format.viewerTime(start);
  const doctor = me.role === "practitioner";
  return (
    <div className={styles.facts}>
      <div role="status">
        <StatusChip
          status={status}
          age={age === null ? undefined : t("appointment.for", { duration: format.duration(age) })}
        />
      </div>
      <dl className={styles.list}>
        <dt>{t("appointment.when")}</dt>
        <dd>
          {format.day(start)}, <span className="tnum">{format.timeRange(start, end)}</span>
          {own && <span className={styles.soft}> ({t("time.yours", { time: own })})</span>}
        </dd>
        <dt>{t("appointment.service")}</dt>
        <dd>{service.name}</dd>
        <dt>{t("appointment.doctor")}</dt>
        <dd>
          {practitioner.name}
          <span className={styles.soft}>, {practitioner.specialty}</span>
        </dd>
        <dt>{t("appointment.format")}</dt>
        <dd>
          {doctor && actions.includes("switch_modality") ? (
            <ModalitySwitch appointment={appointment} />
          ) : (
            t(`modality.${appointment.modality}`)
          )}
        </dd>
        <dt>{t("appointment.price")}</dt>
        <dd className="tnum">{format.money(appointment.price)}</dd>
        {before.has(status) && (
          <>
            <dt>{t("intake.mark")}</dt>
            <dd>
              <IntakeMark appointment={appointment} />
            </dd>
          </>
        )}
        {appointment.reason && (
          <>
            <dt>{t("appointment.reason")}</dt>
            <dd>{appointment.reason}</dd>
          </>
        )}
      </dl>
      {doctor && actions.includes("open_card") && <IntakePanel appointment={appointment} />}
      {doctor && actions.includes("open_card") && (
        <Link to={`/patients/${appointment.patient.id}`} className={styles.card}>
          <DocumentIcon size={20} />
          {t("appointment.card")}
        </Link>
      )}
      {doctor && status === "booked" && !actions.includes("open_card") && (
        <p className={styles.note}>
          <LockIcon size={18} />
          {t("appointment.cardClosed")}
        </p>
      )}
      <p className={styles.number}>{t("appointment.number", { no: appointment.no })}</p>
    </div>
  );
}

function Actions({
  appointment,
  onMove,
}: {
  appointment: Appointment;
  onMove: ((appointment: Appointment) => void) | undefined;
}) {
  const { t } = useTranslation();
  const { actions, encounterId, status } = appointment;
  const next = nextAction(actions);
  const room = `/consultation/${encounterId}`;
  return (
    <div className={styles.actions}>
      {next === "join" && encounterId && (
        <Link
          to={room}
          className={buttonClass({ variant: "primary", size: "l", block: true })}
          data-testid="join"
        >
          <VideoIcon size={22} />
          {t(joinWord(status))}
        </Link>
      )}
      {(next === "write" || next === "sign") && encounterId && (
        <Link
          to={`${room}/conclusion`}
          className={buttonClass({ variant: "primary", size: "l", block: true })}
          data-testid="write"
        >
          <PenIcon size={22} />
          {t(`appointment.do.${actions.includes("sign") ? "sign" : "write"}`)}
        </Link>
      )}
      {onMove && movable(appointment) && (
        <Button icon={MoveIcon} data-testid="move-visit" onClick={() => onMove(appointment)}>
          {t("move.open")}
        </Button>
      )}
      <Steps appointment={appointment} />
      {actions.includes("follow_up") && <FollowUp appointmentId={appointment.id} />}
      {actions.includes("amend") && encounterId && (
        <Link to={`${room}/conclusion`} className={buttonClass({ variant: "quiet" })}>
          <PenIcon size={20} />
          {t("visits.amend.open")}
        </Link>
      )}
      {actions.length === 0 && (
        <p className={styles.note}>
          <CalendarIcon size={18} />
          {t(status === "booked" ? "appointment.opensAt" : "appointment.noActions")}
        </p>
      )}
    </div>
  );
}

function joinWord(status: string): string {
  if (status === "waiting") return "appointment.do.joinWaiting";
  if (status === "in_progress" || status === "interrupted") return "appointment.do.rejoin";
  return "appointment.do.join";
}
