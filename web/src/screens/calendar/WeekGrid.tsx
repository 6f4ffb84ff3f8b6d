import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { instantOf, minuteOfDay } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { byDay, hoursOf, type Placed, placeDay, takesTime } from "../../state/calendarLayout";
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
  onOpen: (id: string) => void;
  /** A press on free time. */
  onEmpty: (day: string, minutes: number) => void;
}

/** Drawn height of an hour in pixels; twenty minutes hold two lines of text. */
const hourPx = 100;
const px = (minutes: number) => (minutes * hourPx) / 60;

/** A week side by side. One stop for the Tab key; arrow keys move between appointments. */
export function WeekGrid({ days, appointments, today, now, showDoctor, onOpen, onEmpty }: Props) {
  const { t } = useTranslation();
  const format = useFormats();
  const root = useRef<HTMLDivElement>(null);
  const { first, last } = hoursOf(appointments, format.zone);
  const columns = useMemo(() => {
    const map = byDay(appointments, format.zone);
    return days.map((day) => placeDay(map.get(day) ?? [], format.zone));
  }, [appointments, days, format.zone]);
  const nowMinute = minuteOfDay(now, format.zone);
  const nowShown = days.includes(today) && nowMinute >= first * 60 && nowMinute <= last * 60;

  const order = columns.flat();
  const [marked, setMarked] = useState<string | null>(null);
  const stop =
    order.find((item) => item.appointment.id === marked) ??
    order.find((item) => Date.parse(item.appointment.end) > now.getTime()) ??
    order[0];

  useEffect(() => {
    const line = root.current?.querySelector("[data-now]");
    line?.scrollIntoView({ block: "center", behavior: "instant" });
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const next = neighbour(columns, stop, event.key);
    if (!next) return;
    event.preventDefault();
    setMarked(next.appointment.id);
    root.current?.querySelector<HTMLElement>(`[data-id="${next.appointment.id}"]`)?.focus();
  };

  const height = px((last - first) * 60);
  const hours = Array.from({ length: last - first + 1 }, (_, i) => first + i);
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
      <div className={styles.grid} style={{ height }} onKeyDown={onKeyDown}>
        <div className={styles.hours} aria-hidden="true">
          {hours.map((hour) => (
            <span
              key={hour}
              className={cx(
                styles.hour,
                nowShown && Math.abs(hour * 60 - nowMinute) < 12 && styles.near,
              )}
              style={{ top: px((hour - first) * 60) }}
            >
              {format.time(instantOf(days[0] ?? today, hour * 60, format.zone))}
            </span>
          ))}
          {nowShown && (
            <span className={styles.nowTime} style={{ top: px(nowMinute - first * 60) }}>
              {format.time(now)}
            </span>
          )}
        </div>
        {days.map((day, i) => (
          <ul
            key={day}
            aria-labelledby={`day-${day}`}
            aria-describedby="grid-hint"
            className={cx(styles.day, day === today && styles.todayColumn)}
            style={{ backgroundSize: `100% ${hourPx}px` }}
            onDoubleClick={(event) => pressEmpty(event, first, (at) => onEmpty(day, at))}
          >
            {columns[i]?.map((placed) => (
              <Event
                key={placed.appointment.id}
                placed={placed}
                first={first}
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
                style={{ top: px(nowMinute - first * 60) }}
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
  first,
  reachable,
  showDoctor,
  onOpen,
}: {
  placed: Placed;
  first: number;
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
        top: px(top - first * 60) + 1,
        height: px(height) - 3,
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
        <span className={height >= 45 ? styles.more : "sr-only"}>
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
  first: number,
  onTime: (minutes: number) => void,
) {
  if (event.target !== event.currentTarget) return;
  const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
  onTime(first * 60 + Math.floor((y / hourPx) * 4) * 15);
}
