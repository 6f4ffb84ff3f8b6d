import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addDays, instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { stageCounts, stages } from "../../state/stages";
import { cx } from "../../ui/cx";
import tones from "../../ui/tones.module.css";
import styles from "./MonthGrid.module.css";

type Counts = Readonly<Record<string, number>>;

/** How many visits each day has, by stage. One stop for Tab; arrows go from day to day. */
export function MonthGrid({
  days,
  month,
  day,
  today,
  counts,
  stage,
  onDay,
}: {
  days: readonly string[];
  /** "2026-11": days of other months are drawn back. Empty for a single week. */
  month: string;
  day: string;
  today: string;
  counts: ReadonlyMap<string, Counts>;
  /** The only stage to count; empty for all. */
  stage: string;
  onDay: (day: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const root = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(day);
  const stop = days.includes(focused) ? focused : days.includes(day) ? day : days[0];

  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (!step || !stop || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = addDays(stop, step);
    if (!days.includes(next)) return;
    event.preventDefault();
    setFocused(next);
    root.current?.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus();
  };
  const of = (key: string) => {
    const all = stageCounts(counts.get(key) ?? {});
    return stage ? all.filter((one) => one.stage.name === stage) : all;
  };
  return (
    <div className={styles.month}>
      <div className={styles.heads} aria-hidden="true">
        {days.slice(0, 7).map((key) => (
          <span key={key}>{format.weekday(key)}</span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the buttons inside */}
      <div className={styles.days} ref={root} onKeyDown={onKeyDown}>
        {days.map((key) => {
          const found = of(key);
          const total = found.reduce((sum, { count }) => sum + count, 0);
          const words = found.map(
            ({ stage, count }) =>
              `${t(`stage.${stage.name}`).toLocaleLowerCase(format.locale)} ${count}`,
          );
          const name = [
            format.day(instantOf(key, 720, format.zone)),
            key === today && t("calendar.todayMark"),
            t("calendar.count", { count: total }),
            ...words,
          ];
          return (
            <button
              key={key}
              type="button"
              data-day={key}
              tabIndex={key === stop ? 0 : -1}
              aria-current={key === today ? "date" : undefined}
              className={cx(
                styles.day,
                month && !key.startsWith(month) && styles.other,
                key === today && styles.today,
                weekend(key) && styles.weekend,
              )}
              onClick={() => onDay(key)}
            >
              <span className="sr-only">{name.filter(Boolean).join(", ")}</span>
              <span aria-hidden="true" className={styles.seen}>
                <span className={styles.date}>{format.dayOfMonth(key)}</span>
                {total > 0 && <span className={styles.total}>{total}</span>}
                <span className={styles.stages}>
                  {found.map(({ stage, count }) => (
                    <span key={stage.name} className={cx(styles.stage, tones[stage.tone])}>
                      <i className={styles.dot} />
                      <span className={styles.word}>{t(`stage.${stage.name}`)}</span>
                      <b>{count}</b>
                    </span>
                  ))}
                </span>
              </span>
            </button>
          );
        })}
      </div>
      <ul className={styles.legend} aria-hidden="true">
        {stages.map(({ name, tone }) => (
          <li key={name} className={cx(styles.stage, tones[tone])}>
            <i className={styles.dot} />
            {t(`stage.${name}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}

const steps: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -7,
  ArrowDown: 7,
};

const weekend = (day: string) => [0, 6].includes(new Date(`${day}T12:00:00Z`).getUTCDay());
