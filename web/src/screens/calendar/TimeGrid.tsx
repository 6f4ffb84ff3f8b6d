import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment, ScheduleUpdate } from "../../api/types";
import { instantOf, minuteOfDay } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { movable } from "../../state/calendar";
import { type Placed, placeDay, scaleOf } from "../../state/calendarLayout";
import { type Column, inHours, type Obstacle, obstacle } from "../../state/calendarMove";
import { closedOn, windowsOn } from "../../state/hours";
import { cx } from "../../ui/cx";
import styles from "./TimeGrid.module.css";
import { type Held, useGridDrag } from "./useGridDrag";
import { VisitBlock } from "./VisitBlock";

export interface GridColumn extends Column {
  head: ReactNode;
  /** What can be pressed in the head. */
  extra?: ReactNode;
  /** The column in words: the day, or the doctor. */
  label: string;
  visits: readonly Appointment[];
  /** The hours of the one doctor whose column it is. */
  hours: ScheduleUpdate | undefined;
}

interface Props {
  columns: readonly GridColumn[];
  today: string;
  now: Date;
  showDoctor: boolean;
  /** Whether a doctor gives the service of a visit. */
  gives: (doctor: string, appointment: Appointment) => boolean;
  onOpen: (id: string) => void;
  /** Free time that was marked, or pressed twice. */
  onEmpty: (column: Column, minutes: number) => void;
  /** A visit that was put down elsewhere. */
  onDrop: (appointment: Appointment, column: Column, minutes: number) => void;
}

/** Hours of some days or doctors side by side. One stop for Tab; arrows go between visits. */
export function TimeGrid(props: Props) {
  const { columns, today, now, showDoctor, gives, onOpen, onEmpty, onDrop } = props;
  const { t } = useTranslation();
  const format = useFormats();
  const root = useRef<HTMLDivElement>(null);
  const placed = useMemo(
    () => columns.map(({ visits }) => placeDay(visits, format.zone)),
    [columns, format.zone],
  );
  const nowShown = columns.some(({ day }) => day === today);
  const nowMinute = minuteOfDay(now, format.zone);
  const scale = useMemo(() => {
    const visits = columns.flatMap((column) => column.visits);
    const open = columns.flatMap(({ hours, day }) => (hours ? windowsOn(hours, day) : []));
    return scaleOf(visits, format.zone, nowShown ? nowMinute : null, open);
  }, [columns, format.zone, nowShown, nowMinute]);

  const why = (held: Held): Obstacle => {
    const column = columns[held.column];
    if (!column) return "same";
    const can = (doctor: string) => gives(doctor, held.appointment);
    return obstacle(held.appointment, column, held.minutes, format.zone, new Date(), can);
  };
  const drag = useGridDrag({
    root,
    scale,
    onDrop: (held) => {
      const column = columns[held.column];
      if (column && why(held) === null) onDrop(held.appointment, column, held.minutes);
    },
    onMark: ({ column, from }) => {
      const target = columns[column];
      if (target) onEmpty(target, from);
    },
  });

  const order = placed.flat();
  const [focused, setFocused] = useState<string | null>(null);
  const stop =
    order.find((item) => item.appointment.id === focused) ??
    order.find((item) => Date.parse(item.appointment.end) > now.getTime()) ??
    order[0];

  useEffect(() => {
    const box = root.current;
    const line = box?.querySelector("[data-now]");
    if (!box || !line) return;
    const top = line.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += top - box.clientHeight * 0.4;
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(placed, stop, event.key);
    if (!next) return;
    event.preventDefault();
    setFocused(next.appointment.id);
    root.current?.querySelector<HTMLElement>(`[data-id="${next.appointment.id}"]`)?.focus();
  };
  // An hour that is drawn low has no room for two clocks.
  const ownTime = (hour: number) =>
    hour === scale.hours.at(-1) || scale.y((hour + 1) * 60) - scale.y(hour * 60) > 40
      ? format.viewerTime(instantOf(columns[0]?.day ?? today, hour * 60, format.zone))
      : null;
  const zones = scale.hours.some((hour) => ownTime(hour) !== null);
  const tracks = {
    gridTemplateColumns: `${zones ? 66 : 56}px repeat(${columns.length}, minmax(0, 1fr))`,
  };
  const obstacleNow = drag.held && why(drag.held);

  return (
    <div className={cx(styles.scroller, drag.held && styles.dragging)} ref={root}>
      <p className="sr-only" id="grid-hint">
        {t("calendar.gridHint")}
      </p>
      <div className={styles.heads} style={tracks}>
        <span className={styles.corner} aria-hidden="true">
          {zones && (
            <>
              <span>{t("calendar.clinicClock")}</span>
              <span>{t("calendar.ownClock")}</span>
            </>
          )}
        </span>
        {columns.map(({ key, day, head, extra, label, visits }) => (
          <div key={key} className={cx(styles.head, day === today && styles.today)}>
            <span aria-hidden="true" className={styles.headText}>
              {head}
            </span>
            {extra}
            <h2 className="sr-only" id={`column-${key}`}>
              {label}, {t("calendar.count", { count: visits.length })}
            </h2>
          </div>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the buttons inside */}
      <div
        className={styles.grid}
        style={{ height: scale.height, ...tracks }}
        onKeyDown={onKeyDown}
      >
        <div className={styles.hours} aria-hidden="true">
          {scale.hours.map((hour) => (
            <span
              key={hour}
              className={cx(
                styles.hour,
                nowShown && Math.abs(scale.y(hour * 60) - scale.y(nowMinute)) < 20 && styles.near,
              )}
              style={{ top: scale.y(hour * 60) }}
            >
              {format.time(instantOf(columns[0]?.day ?? today, hour * 60, format.zone))}
              {ownTime(hour) && <span className={styles.own}>{ownTime(hour)}</span>}
            </span>
          ))}
          {nowShown && (
            <span className={styles.nowTime} style={{ top: scale.y(nowMinute) }}>
              {format.time(now)}
            </span>
          )}
        </div>
        <div className={styles.lines} style={{ left: zones ? 66 : 56 }} aria-hidden="true">
          {scale.hours.map((hour) => (
            <span key={hour} style={{ top: scale.y(hour * 60) }} />
          ))}
        </div>
        {columns.map((column, i) => (
          <ul
            key={column.key}
            data-column={column.key}
            aria-labelledby={`column-${column.key}`}
            aria-describedby="grid-hint"
            className={cx(styles.day, column.day === today && styles.todayColumn)}
            onPointerDown={(event) => drag.mark(event, i)}
            onDoubleClick={(event) => {
              if (event.target !== event.currentTarget || drag.justDragged()) return;
              const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
              onEmpty(column, scale.quarterAt(y));
            }}
          >
            {column.hours &&
              closedOn(column.hours, column.day).map(([from, to]) => (
                <li
                  key={from}
                  aria-hidden="true"
                  className={styles.closed}
                  style={{
                    top: Math.max(scale.y(from), 0),
                    height: Math.max(scale.y(to) - Math.max(scale.y(from), 0), 0),
                  }}
                />
              ))}
            {placed[i]?.map((item) => (
              <VisitBlock
                key={item.appointment.id}
                placed={item}
                scale={scale}
                reachable={item === stop}
                showDoctor={showDoctor}
                outside={isOutside(item.appointment, column, format.zone)}
                lifted={drag.held?.appointment.id === item.appointment.id}
                onTake={movable(item.appointment) ? drag.take : undefined}
                onOpen={(id) => {
                  if (drag.justDragged()) return;
                  setFocused(id);
                  onOpen(id);
                }}
              />
            ))}
            {drag.held?.column === i && (
              <li
                aria-hidden="true"
                data-testid="ghost"
                className={cx(styles.ghost, obstacleNow && styles.refused)}
                style={{
                  top: scale.y(drag.held.minutes) + 1,
                  height: heightOf(drag.held, scale.y),
                }}
              >
                <b>{clockRange(drag.held)}</b>
                {obstacleNow
                  ? t(`move.obstacle.${obstacleNow}`)
                  : drag.held.appointment.patient.name}
              </li>
            )}
            {drag.marked?.column === i && (
              <li
                aria-hidden="true"
                className={styles.ghost}
                style={{
                  top: scale.y(drag.marked.from) + 1,
                  height: scale.y(drag.marked.to) - scale.y(drag.marked.from) - 2,
                }}
              >
                <b>{`${clock(drag.marked.from)} – ${clock(drag.marked.to)}`}</b>
                {t("calendar.new")}
              </li>
            )}
            {nowShown && column.day === today && (
              <li
                className={styles.now}
                data-now
                aria-hidden="true"
                style={{ top: scale.y(nowMinute) }}
              />
            )}
          </ul>
        ))}
      </div>
    </div>
  );
}

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

const lengthOf = ({ start, end }: Appointment) => (Date.parse(end) - Date.parse(start)) / 60_000;

const clockRange = ({ appointment, minutes }: Held) =>
  `${clock(minutes)} – ${clock((minutes + lengthOf(appointment)) % 1440)}`;

const heightOf = ({ appointment, minutes }: Held, y: (minutes: number) => number) =>
  Math.max(y(Math.min(minutes + lengthOf(appointment), 1440)) - y(minutes) - 3, 18);

/** Only visits that are still ahead are worth a word about hours that have changed. */
function isOutside(appointment: Appointment, { hours, day }: GridColumn, zone: string): boolean {
  const ahead = appointment.status === "booked" || appointment.status === "requested";
  return ahead && hours !== undefined && !inHours(appointment, windowsOn(hours, day), zone);
}

/** The visit an arrow key leads to from another one. */
function neighbour(
  columns: readonly Placed[][],
  from: Placed | undefined,
  key: string,
): Placed | undefined {
  const column = columns.findIndex((items) => items.some((item) => item === from));
  const items = columns[column];
  if (!from || !items) return undefined;
  const row = items.indexOf(from);
  if (key === "ArrowDown") return items[row + 1];
  if (key === "ArrowUp") return items[row - 1];
  if (key === "Home") return items[0];
  if (key === "End") return items[items.length - 1];
  const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return undefined;
  for (let i = column + step; columns[i]; i += step) {
    const near = [...(columns[i] ?? [])].sort(
      (a, b) => Math.abs(a.top - from.top) - Math.abs(b.top - from.top),
    )[0];
    if (near) return near;
  }
  return undefined;
}
