import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { visibleIn } from "../../state/calendar";
import type { CalendarFilter } from "../../state/calendarFilter";
import { stages as looks, type StageName } from "../../state/stages";
import { useWide } from "../../state/useMediaQuery";
import { cx } from "../../ui/cx";
import { Skeleton } from "../../ui/Spinner";
import type { StatusTone } from "../../ui/status";
import tones from "../../ui/tones.module.css";
import { Failed } from "../staff/pages";
import styles from "./Board.module.css";
import { VisitCard } from "./VisitCard";

export interface BoardStage {
  name: StageName;
  count: number;
  items: readonly Appointment[];
}

interface Props {
  stages: readonly BoardStage[] | undefined;
  error: Error | null;
  retry: () => void;
  filter: CalendarFilter;
  now: Date;
  showDoctor: boolean;
  onOpen: (id: string) => void;
}

/** What waits to be done, by stage; on a phone one stage at a time. */
export function Board({ stages, error, retry, filter, now, showDoctor, onOpen }: Props) {
  const { t } = useTranslation();
  const wide = useWide();
  const [chosen, setChosen] = useState<StageName | null>(null);
  if (!stages) {
    return error ? (
      <Failed title={t("calendar.failed")} error={error} retry={retry} />
    ) : (
      <Skeleton lines={8} label={t("loading")} />
    );
  }
  const columns = looks.map((look) => {
    const stage = stages.find(({ name }) => name === look.name);
    // A name narrows what is here; the count stays that of all.
    const items = visibleIn(stage?.items ?? [], { ...filter, doctor: "", stage: "" });
    return { ...look, items, count: filter.name.trim() ? items.length : (stage?.count ?? 0) };
  });
  const shown = columns.filter(({ quiet, count }) => !quiet || count > 0);
  // On a phone: the first stage in which somebody waits for something.
  const open =
    shown.find(({ name }) => name === chosen) ??
    shown.find(({ name, count }) => name === "waiting" && count > 0) ??
    shown.find(({ count }) => count > 0) ??
    shown[0];
  if (!wide) {
    return (
      <div className={styles.phone}>
        <fieldset className={styles.chips}>
          <legend className="sr-only">{t("calendar.state")}</legend>
          {shown.map(({ name, tone, count }) => (
            <label key={name} className={cx(styles.chip, tones[tone], count === 0 && styles.none)}>
              <input
                type="radio"
                className="sr-only"
                name="stage"
                checked={name === open?.name}
                onChange={() => setChosen(name)}
              />
              <span className={styles.dot} />
              {t(`stage.${name}`)} <b>{count}</b>
            </label>
          ))}
        </fieldset>
        {open && <Column column={open} now={now} showDoctor={showDoctor} onOpen={onOpen} />}
      </div>
    );
  }
  return (
    <div className={styles.board}>
      {shown.map((column) => (
        <Column
          key={column.name}
          column={column}
          now={now}
          showDoctor={showDoctor}
          onOpen={onOpen}
        />
      ))}
    </div>
  );
}

function Column({
  column,
  now,
  showDoctor,
  onOpen,
}: Pick<Props, "now" | "showDoctor" | "onOpen"> & {
  column: {
    name: StageName;
    tone: StatusTone;
    count: number;
    items: readonly Appointment[];
  };
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const { name, tone, count, items } = column;
  const longest = pending.has(name) ? items[0] : undefined;
  const today = dayKey(now, format.zone);
  const left = count - items.length;
  return (
    <section
      className={cx(styles.column, items.length > 0 && styles.full)}
      aria-labelledby={`board-${name}`}
      data-stage={name}
    >
      <h2 id={`board-${name}`} className={cx(styles.title, tones[tone])}>
        <span className={styles.dot} />
        {t(`board.${name}`)}
        <span className={styles.count} data-testid="stage-count">
          {count}
        </span>
      </h2>
      {longest && items.length > 1 && (
        <p className={styles.longest}>
          {t("board.longest", {
            duration: format.duration(now.getTime() - Date.parse(longest.since)),
          })}
        </p>
      )}
      {items.length === 0 ? (
        <p className={styles.empty}>{t("board.empty")}</p>
      ) : (
        <ul className={styles.list}>
          {items.map((appointment) => (
            <VisitCard
              key={appointment.id}
              appointment={appointment}
              now={now}
              showDoctor={showDoctor}
              today={today}
              onOpen={onOpen}
            />
          ))}
        </ul>
      )}
      {left > 0 && <p className={styles.empty}>{t("board.more", { count: left })}</p>}
    </section>
  );
}

/** Stages whose first visit is the one that has waited longest. */
const pending: ReadonlySet<string> = new Set(["requests", "waiting", "live", "writing"]);
