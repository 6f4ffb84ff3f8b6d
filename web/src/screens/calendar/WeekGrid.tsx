import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment, ScheduleUpdate } from "../../api/types";
import { instantOf, minuteOfDay } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import {
  byDay,
  type Placed,
  placeDay,
  type Scale,
  scaleOf,
  takesTime,
} from "../../state/calendarLayout";
import { closedOn } from "../../state/hours";
import { cx } from "../../ui/cx";
import { statusLook } from "../../ui/status";
import tones from "../../ui/tones.module.css";
import styles from "./WeekGrid.module.css";

interface Props {
  days: string[];
  appointments: readonly Appointment[];
  today: string;
  now: Date;
  showDoctor: boolean;
  /** The hours of the one doctor that is shown. */
  hours: ScheduleUpdate | undefined;
  onOpen: (id: string) => void;
  /** A press on free time. */
  onEmpty: (day: string, minutes: number) => void;
}

/** A week side by side. One stop for the Tab key; arrow keys move between appointments. */
export function WeekGrid(props: Props) {
  const { days, appointments, today, now, showDoctor, hours, onOpen, onEmpty } = props;
  const { t } = useTranslation();
  const format = useFormats();
  const root = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => {
    const map = byDay(appointments, format.zone);
    return days.map((day) => placeDay(map.get(day) ?? [], format.zone));
  }, [appointments, days, format.zone]);
  const nowShown = days.includes(today);
  const nowMinute = minuteOfDay(now, format.zone);
  const scale = useMemo(
    () => scaleOf(appointments, format.zone, nowShown ? nowMinute : null),
    [appointments, format.zone, nowShown, nowMinute],
  );

  const order = columns.flat();
  const [marked, setMarked] = useState<string | null>(null);
  const stop =
    order.find((item) => item.appointment.id === marked) ??
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
    const next = neighbour(columns, stop, event.key);
    if (!next) return;
    event.preventDefault();
    setMarked(next.appointment.id);
    root.current?.querySelector<HTMLElement>(`[data-id="${next.appointment.id}"]`)?.focus();
  };

  return (
    <div className={styles.scroller} ref={root}>
      <p className="sr-only" id="grid-hint">
        {t("calendar.gridHint")}
      </p>
      <div className={styles.heads}>
        <span />
        {days.map((day, i) => (
          <div key={day} className={cx(styles.head, day === today && styles.today)}>
            <span aria-hidden="true" className={styles.weekday}>
              {format.weekday(day)}
            </span>
            <span aria-hidden="true" className={styles.date}>
              {format.dayOfMonth(day)}
            </span>
            <h2 className="sr-only" id={`day-${day}`}>
              {format.day(instantOf(day, 720, format.zone))}
              {day === today && `, ${t("calendar.todayMark")}`},{" "}
              {t("calendar.count", { count: columns[i]?.length ?? 0 })}
            </h2>
          </div>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the buttons inside */}
      <div className={styles.grid} style={{ height: scale.height }} onKeyDown={onKeyDown}>
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
              {format.time(instantOf(days[0] ?? today, hour * 60, format.zone))}
            </span>
          ))}
          {nowShown && (
            <span className={styles.nowTime} style={{ top: scale.y(nowMinute) }}>
              {format.time(now)}
            </span>
          )}
        </div>
        <div className={styles.lines} aria-hidden="true">
          {scale.hours.map((hour) => (
            <span key={hour} style={{ top: scale.y(hour * 60) }} />
          ))}
        </div>
        {days.map((day, i) => (
          <ul
            key={day}
            aria-labelledby={`day-${day}`}
            aria-describedby="grid-hint"
            className={cx(styles.day, day === today && styles.todayColumn)}
            onDoubleClick={(event) => pressEmpty(event, scale, (at) => onEmpty(day, at))}
          >
            {hours &&
              closedOn(hours, day).map(([from, to]) => (
                <li
                  key={from}
                  aria-hidden="true"
                  className={styles.closed}
                  style={{
                    top: Math.max(scale.y(from), 0),
                    height: scale.y(to) - Math.max(scale.y(from), 0),
                  }}
                />
              ))}
            {columns[i]?.map((placed) => (
              <Event
                key={placed.appointment.id}
                placed={placed}
                scale={scale}
                reachable={placed === stop}
                showDoctor={showDoctor}
                onOpen={(id) => {
                  setMarked(id);
                  onOpen(id);
                }}
              />
            ))}
            {nowShown && day === today && (
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

function Event({
  placed,
  scale,
  reachable,
  showDoctor,
  onOpen,
}: {
  placed: Placed;
  scale: Scale;
  reachable: boolean;
  showDoctor: boolean;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const { appointment, top, height, lane, lanes } = placed;
  const { tone } = statusLook(appointment.status);
  const full = t(`status.${appointment.status}`);
  const word = t(`statusShort.${appointment.status}`, { defaultValue: full });
  return (
    <li
      className={styles.slot}
      style={{
        top: scale.y(top) + 1,
        height: scale.y(top + height) - scale.y(top) - 3,
        left: `${(lane / lanes) * 100}%`,
        width: `${100 / lanes}%`,
      }}
    >
      <button
        type="button"
        data-id={appointment.id}
        data-status={appointment.status}
        tabIndex={reachable ? 0 : -1}
        className={cx(
          styles.event,
          tones[tone],
          !takesTime(appointment) && styles.freed,
          height < 30 && styles.low,
        )}
        title={`${appointment.patient.name}, ${full}`}
        onClick={() => onOpen(appointment.id)}
      >
        <span className={styles.patient}>{appointment.patient.name}</span>{" "}
        <span className={styles.state}>
          <span className={styles.time}>{format.time(appointment.start)}</span> {word}
        </span>{" "}
        <span className={height >= 38 ? styles.more : "sr-only"}>
          {showDoctor ? appointment.practitioner.name : appointment.service.name}
        </span>
      </button>
    </li>
  );
}

/** The appointment an arrow key leads to from another one. */
function neighbour(columns: Placed[][], from: Placed | undefined, key: string): Placed | undefined {
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

/** The quarter of an hour that was pressed, unless the press was on an appointment. */
function pressEmpty(
  event: MouseEvent<HTMLElement>,
  scale: Scale,
  onTime: (minutes: number) => void,
) {
  if (event.target !== event.currentTarget) return;
  const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
  onTime(scale.quarterAt(y));
}
