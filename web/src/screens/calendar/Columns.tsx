import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Appointment, Practitioner, ScheduleUpdate } from "../../api/types";
import { dayKey, instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { seesAll } from "../../state/calendar";
import { byDay } from "../../state/calendarLayout";
import type { Column } from "../../state/calendarMove";
import { practitionersQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { scheduleQuery } from "../../state/schedule";
import { IconButton } from "../../ui/Button";
import { ChevronLeftIcon, ChevronRightIcon, ClockIcon } from "../../ui/icons";
import styles from "./Columns.module.css";
import { type GridColumn, TimeGrid } from "./TimeGrid";
import grid from "./TimeGrid.module.css";

interface Props {
  visits: readonly Appointment[];
  today: string;
  now: Date;
  onOpen: (id: string) => void;
  onDay: (day: string) => void;
  onEmpty: (day: string, minutes: number, doctor: string) => void;
  onMove: (appointment: Appointment, start: Date, doctor: string) => void;
}

function useGrid({ today, now, onOpen, onEmpty, onMove }: Props) {
  const format = useFormats();
  const doctors = useQuery(practitionersQuery).data;
  return {
    today,
    now,
    onOpen,
    onEmpty: (column: Column, minutes: number) => onEmpty(column.day, minutes, column.doctor),
    onDrop: (appointment: Appointment, column: Column, minutes: number) =>
      onMove(appointment, instantOf(column.day, minutes, format.zone), column.doctor),
    gives: (doctor: string, appointment: Appointment) =>
      doctors?.find(({ id }) => id === doctor)?.serviceIds.includes(appointment.service.id) ?? true,
  };
}

/** A week side by side, of everybody or of one doctor. */
export function WeekColumns({
  days,
  doctor,
  showDoctor,
  ...props
}: Props & {
  days: readonly string[];
  /** Whose hours are shown; empty for none. */
  doctor: string;
  showDoctor: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const { visits, today } = props;
  const hours = useQuery(scheduleQuery(doctor)).data;
  const columns = useMemo(() => {
    const map = byDay(visits, format.zone);
    return days.map(
      (day): GridColumn => ({
        key: day,
        day,
        doctor: "",
        visits: map.get(day) ?? [],
        hours,
        label: [
          format.day(instantOf(day, 720, format.zone)),
          day === today && t("calendar.todayMark"),
        ]
          .filter(Boolean)
          .join(", "),
        head: (
          <>
            <span className={grid.weekday}>{format.weekday(day)}</span>
            <span className={grid.date}>{format.dayOfMonth(day)}</span>
          </>
        ),
      }),
    );
  }, [visits, days, hours, today, format, t]);
  return <TimeGrid {...useGrid(props)} columns={columns} showDoctor={showDoctor} />;
}

/** A day with a column for each doctor. */
export function DayColumns({
  day,
  people,
  page,
  pages,
  onPage,
  ...props
}: Props & {
  day: string;
  people: readonly Pick<Practitioner, "id" | "name" | "specialty">[];
  page: number;
  pages: number;
  onPage: (page: number) => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const { visits } = props;
  const all = seesAll(useMe().role);
  const schedules = useQueries({ queries: people.map(({ id }) => scheduleQuery(id)) });
  const hours = new Map<string, ScheduleUpdate>();
  people.forEach(({ id }, i) => {
    const known = schedules[i]?.data;
    if (known) hours.set(id, known);
  });
  const columns = people.map(
    ({ id, name, specialty }): GridColumn => ({
      key: id,
      day,
      doctor: id,
      visits: visits.filter(
        (item) => item.practitioner.id === id && dayKey(item.start, format.zone) === day,
      ),
      hours: hours.get(id),
      label: [name, specialty].filter(Boolean).join(", "),
      head: (
        <span className={grid.who}>
          <b>{name}</b>
          {specialty && <span>{specialty}</span>}
        </span>
      ),
      extra: all && (
        <Link
          to={`/hours/${id}`}
          className={grid.hoursLink}
          aria-label={t("hours.editOf", { name })}
          title={t("hours.editOf", { name })}
        >
          <ClockIcon size={18} />
        </Link>
      ),
    }),
  );
  return (
    <>
      {pages > 1 && (
        <div className={styles.pages}>
          <IconButton
            icon={ChevronLeftIcon}
            variant="secondary"
            size="s"
            label={t("calendar.doctorsBefore")}
            disabled={page === 0}
            onClick={() => onPage(page - 1)}
          />
          <span role="status">{t("calendar.doctorsPage", { page: page + 1, pages })}</span>
          <IconButton
            icon={ChevronRightIcon}
            variant="secondary"
            size="s"
            label={t("calendar.doctorsAfter")}
            disabled={page + 1 >= pages}
            onClick={() => onPage(page + 1)}
          />
        </div>
      )}
      <TimeGrid {...useGrid(props)} columns={columns} showDoctor={false} />
    </>
  );
}
