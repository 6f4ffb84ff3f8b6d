import { useTranslation } from "react-i18next";
import type { CardEncounter } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { cx } from "../../ui/cx";
import { StatusChip } from "../../ui/StatusChip";
import { statusLook } from "../../ui/status";
import tones from "../../ui/tones.module.css";
import styles from "./CardScreen.module.css";

/** The patient's visits, newest first. */
export function Visits({ encounters }: { encounters: readonly CardEncounter[] }) {
  const { t } = useTranslation();
  const format = useFormats();
  if (encounters.length === 0) return <p className={styles.none}>{t("card.noVisits")}</p>;
  const sorted = [...encounters].sort((a, b) => b.start.localeCompare(a.start));
  return (
    <ol className={styles.visits}>
      {sorted.map((visit) => (
        <li key={visit.id} className={cx(styles.visit, tones[statusLook(visit.status).tone])}>
          <div className={styles.line}>
            <time dateTime={visit.start} className="tnum">
              {format.date(visit.start)}, {format.time(visit.start)}
            </time>
            <StatusChip status={visit.status} compact />
          </div>
          <p className={styles.service}>{visit.service}</p>
          <p className={styles.soft}>{visit.practitioner.name}</p>
          {visit.diagnosis && <p className={styles.diagnosis}>{visit.diagnosis}</p>}
        </li>
      ))}
    </ol>
  );
}
