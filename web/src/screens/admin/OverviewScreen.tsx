import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import { useFormats } from "../../i18n/useFormats";
import { useBoard } from "../../state/calendar";
import { noFilter } from "../../state/calendarFilter";
import { useMe } from "../../state/me";
import { stages } from "../../state/stages";
import { useNow } from "../../state/useNow";
import { cx } from "../../ui/cx";
import { EmptyState } from "../../ui/EmptyState";
import { CalendarIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import tones from "../../ui/tones.module.css";
import { AppointmentPanel } from "../calendar/AppointmentPanel";
import { Board } from "../calendar/Board";
import { Failed } from "../staff/pages";
import styles from "./OverviewScreen.module.css";

/** Longer than this, waiting is somebody's problem. */
const patienceMs = 10 * 60_000;

/** The administrator's live look at today: who waits, who talks, what is unfinished. */
export default function OverviewScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const now = useNow();
  const [open, setOpen] = useState<string>();
  const { data, error, isPending, refetch } = useBoard(noFilter);

  if (me.role !== "clinic_admin") return <Navigate to="/calendar" replace />;
  const all = data?.flatMap(({ items }) => items) ?? [];
  const late = all.filter(
    (item) => item.status === "waiting" && now.getTime() - Date.parse(item.since) > patienceMs,
  );
  return (
    <div className={styles.page}>
      <title>{`${t("nav.overview")} · ${me.clinic.name}`}</title>
      <header className={styles.head}>
        <div>
          <h1>{t("overview.title")}</h1>
          <p className={styles.day}>{format.day(now)}</p>
        </div>
        <span className={styles.live}>
          <span className={styles.pulse} />
          {t("overview.live")}
        </span>
      </header>
      {isPending ? (
        <Skeleton lines={8} label={t("loading")} />
      ) : error && !data ? (
        <Failed title={t("overview.failed")} error={error} retry={refetch} />
      ) : data.every(({ count }) => count === 0) ? (
        <EmptyState icon={CalendarIcon} title={t("overview.emptyTitle")}>
          {t("overview.emptyText")}
        </EmptyState>
      ) : (
        <>
          <ul className={styles.tiles}>
            {stages.map(({ name, tone }) => {
              if (name === "off") return null;
              const count = data.find((stage) => stage.name === name)?.count ?? 0;
              return (
                <li key={name} className={cx(styles.tile, tones[tone], count === 0 && styles.zero)}>
                  <span className={styles.number}>{count}</span>
                  <span>{t(`overview.tiles.${name}`)}</span>
                </li>
              );
            })}
          </ul>
          {late.length > 0 && (
            <Notice tone="warn" title={t("overview.longWait")}>
              {late.map((item) => `${item.patient.name} (${item.practitioner.name})`).join(", ")}
            </Notice>
          )}
          <Board
            stages={data}
            error={error}
            retry={refetch}
            filter={noFilter}
            now={now}
            showDoctor
            onOpen={setOpen}
          />
        </>
      )}
      <AppointmentPanel
        id={open}
        known={all.find((item) => item.id === open)}
        onClose={() => setOpen(undefined)}
      />
    </div>
  );
}
