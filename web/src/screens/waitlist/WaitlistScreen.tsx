import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate } from "react-router";
import type { WaitEntry } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useMe } from "../../state/me";
import { useErrorText, useToasts } from "../../state/toast";
import { useNow } from "../../state/useNow";
import { useWaitlist, waitlistQuery } from "../../state/waitlist";
import { Button, buttonClass } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { PlusIcon, WaitingIcon } from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import { WaitDialog } from "./WaitDialog";
import styles from "./waitlist.module.css";

/** Who waits for a time that is not free yet, by turn, and what is kept for them. */
export default function WaitlistScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const staff = me.role === "clinic_admin" || me.role === "registrar";
  const { data, error, refetch } = useQuery({ ...waitlistQuery, enabled: staff });
  const [adding, setAdding] = useState(false);
  if (!staff) return <Navigate to="/calendar" replace />;
  return (
    <div className={styles.page}>
      <title>{`${t("visits.waitlist.nav")} · ${me.clinic.name}`}</title>
      <header className={styles.head}>
        <div>
          <h1>{t("visits.waitlist.nav")}</h1>
          <p className={styles.soft}>{t("visits.waitlist.text")}</p>
        </div>
        <Button
          variant="primary"
          icon={PlusIcon}
          data-testid="add-wait"
          onClick={() => setAdding(true)}
        >
          {t("visits.waitlist.add")}
        </Button>
      </header>
      {data ? (
        data.length === 0 ? (
          <EmptyState icon={WaitingIcon} title={t("visits.waitlist.none")}>
            {t("visits.waitlist.noneText")}
          </EmptyState>
        ) : (
          <ol className={styles.rows}>
            {data.map((one) => (
              <Entry key={one.id} entry={one} />
            ))}
          </ol>
        )
      ) : error ? (
        <Failed title={t("visits.waitlist.failed")} error={error} retry={refetch} />
      ) : (
        <Skeleton lines={6} label={t("loading")} />
      )}
      {adding && <WaitDialog onClose={() => setAdding(false)} />}
    </div>
  );
}

function Entry({ entry }: { entry: WaitEntry }) {
  const { t } = useTranslation();
  const format = useFormats();
  const now = useNow();
  const toasts = useToasts();
  const errorText = useErrorText();
  const { leave } = useWaitlist();
  const { offer } = entry;
  const day = (key: string) => format.shortDay(`${key}T12:00:00Z`);
  const waits = format.duration(now.getTime() - Date.parse(entry.created));
  return (
    <li className={styles.row} data-testid="wait-row" data-status={entry.status}>
      <div className={styles.who}>
        <strong>{entry.patient.name}</strong>
        <p>
          {entry.service.name}, {entry.practitioner?.name ?? t("visits.waitlist.anyDoctor")}
        </p>
        <p className={styles.soft}>
          {entry.first === entry.last
            ? day(entry.first)
            : `${day(entry.first)} – ${day(entry.last)}`}
          {" · "}
          {t("visits.waitlist.since", { time: waits })}
        </p>
        {offer && (
          <p className={styles.offer}>
            {t("visits.waitlist.offered", {
              when: `${format.dayInline(offer.start)}, ${format.time(offer.start)}`,
              until: offer.holdExpires ? format.time(offer.holdExpires) : "",
            })}
          </p>
        )}
      </div>
      <div className={styles.acts}>
        {offer && (
          <Link to={`/calendar/${offer.id}`} className={buttonClass({ size: "s" })}>
            {t("visits.waitlist.open")}
          </Link>
        )}
        <Button
          size="s"
          busy={leave.isPending}
          data-testid="remove-wait"
          onClick={() =>
            leave.mutate(entry.id, {
              onSuccess: () =>
                toasts.show(t("visits.waitlist.removed", { patient: entry.patient.name }), "good"),
              onError: (error) => toasts.show(errorText(error), "bad"),
            })
          }
        >
          {t("visits.waitlist.remove")}
        </Button>
      </div>
    </li>
  );
}
