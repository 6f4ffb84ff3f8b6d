import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/useFormats";
import { stageCounts } from "../../state/stages";
import { cx } from "../../ui/cx";
import styles from "./DayStrip.module.css";

/** The week's days on a phone, with a mark where something is planned. */
export function DayStrip({
  days,
  day,
  today,
  counts,
  onDay,
}: {
  days: readonly string[];
  day: string;
  today: string;
  counts: ReadonlyMap<string, Readonly<Record<string, number>>>;
  onDay: (day: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    <div className={styles.strip}>
      {days.map((key) => {
        const count = stageCounts(counts.get(key) ?? {}).reduce(
          (sum, { stage, count }) => sum + (stage.name === "off" ? 0 : count),
          0,
        );
        return (
          <button
            key={key}
            type="button"
            className={cx(styles.day, key === day && styles.on, key === today && styles.today)}
            aria-current={key === day ? "date" : undefined}
            onClick={() => onDay(key)}
          >
            <span className={styles.weekday}>{format.weekday(key)}</span>
            <span className={styles.date}>{format.dayOfMonth(key)}</span>
            <span className="sr-only">, {t("calendar.count", { count })}</span>
            <span className={cx(styles.dot, count > 0 && styles.some)} />
          </button>
        );
      })}
    </div>
  );
}
