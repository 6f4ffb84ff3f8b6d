import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { Appointment } from "../../api/types";
import { addDays, dayKey, instantOf, weekStart } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { seesAll, useBoard, useDayCounts, useVisits, visibleIn } from "../../state/calendar";
import { filterOf, filterSize } from "../../state/calendarFilter";
import { monthDays } from "../../state/calendarMove";
import { practitionersQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { useWide } from "../../state/useMediaQuery";
import { useNow } from "../../state/useNow";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import { FeedsButton } from "../feeds/FeedsButton";
import { Failed } from "../staff/pages";
import { Agenda } from "./Agenda";
import { AppointmentPanel } from "./AppointmentPanel";
import { Board } from "./Board";
import type { Prefill } from "./bookingTimes";
import styles from "./CalendarScreen.module.css";
import { DayColumns, WeekColumns } from "./Columns";
import { DayPrint } from "./DayPrint";
import { DayStrip } from "./DayStrip";
import { MonthGrid } from "./MonthGrid";
import type { MoveWish } from "./MoveVisit";
import { NowContext } from "./now";
import { Toolbar } from "./Toolbar";
import { useCalendarKeys } from "./useCalendarKeys";
import { isView, stepped, type View } from "./views";

/** Forms bring their own date and list fields; they come when they are first needed. */
const NewAppointment = lazy(() => import("./NewAppointment"));
const MoveVisit = lazy(() => import("./MoveVisit"));

/** Up to so many doctors a clinic's calendar is fetched whole; more are fetched one by one. */
const smallClinic = 12;
const columnsAtOnce = 6;

/** The staff's home: who comes when, where each visit stands, and what to do next. */
export function CalendarScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const wide = useWide();
  const now = useNow();
  const navigate = useNavigate();
  const { appointmentId } = useParams();
  const [search, setSearch] = useSearchParams();
  const [name, setName] = useState("");
  const [booking, setBooking] = useState<Prefill | null>(null);
  const [moving, setMoving] = useState<MoveWish | null>(null);

  const all = seesAll(me.role);
  const { data: doctors, isPending: unknown } = useQuery({ ...practitionersQuery, enabled: all });
  const today = dayKey(now, format.zone);
  const asked = search.get("date");
  const day = asked && /^\d{4}-\d{2}-\d{2}$/.test(asked) ? asked : today;
  const view = viewFor(search.get("view"), wide);
  const filter = useMemo(() => filterOf(search, name), [search, name]);
  const large = all && (doctors?.length ?? 0) > smallClinic;
  const page = Math.max(0, Number(search.get("page")) || 0);

  // Whose columns the day view has.
  const people = useMemo(() => {
    if (!all) return [{ id: me.person.id, name: me.person.name, specialty: "" }];
    return (doctors ?? []).filter(({ id }) => !filter.doctor || id === filter.doctor);
  }, [all, doctors, filter.doctor, me.person]);
  const shownPeople = people.slice(page * columnsAtOnce, (page + 1) * columnsAtOnce);

  const monday = weekStart(day);
  const week = useMemo(() => Array.from({ length: 7 }, (_, i) => addDays(monday, i)), [monday]);
  const month = useMemo(() => (view === "month" ? monthDays(day) : week), [view, day, week]);
  const byWeek = view === "week" || view === "agenda";
  const first = byWeek ? monday : day;
  const from = useMemo(() => instantOf(first, 0, format.zone), [first, format.zone]);
  const to = useMemo(
    () => instantOf(addDays(first, byWeek ? 7 : 1), 0, format.zone),
    [first, byWeek, format.zone],
  );
  const tooMany = large && view === "week" && !filter.doctor;
  const whose = useMemo(() => {
    if (filter.doctor) return [filter.doctor];
    return large && view === "day" && wide ? shownPeople.map(({ id }) => id) : [""];
  }, [filter.doctor, large, view, wide, shownPeople]);
  const listed = view === "day" || view === "agenda" || (view === "week" && !tooMany);
  // How much is asked for depends on how many doctors there are.
  const { data, error, refetch } = useVisits(from, to, whose, listed && !(all && unknown));
  const counted = view === "month" || tooMany || (view === "day" && !wide);
  const days = useDayCounts(month[0] ?? day, month.at(-1) ?? day, filter, counted);
  const board = useBoard(filter);
  const visits = useMemo(() => visibleIn(data?.items ?? [], filter), [data, filter]);
  const known = (id: string) =>
    data?.items.find((item) => item.id === id) ??
    board.data?.flatMap(({ items }) => items).find((item) => item.id === id);

  const change = (values: Record<string, string>) =>
    setSearch(
      (old) => {
        for (const [key, value] of Object.entries(values)) {
          if (value) old.set(key, value);
          else old.delete(key);
        }
        return old;
      },
      { replace: true },
    );
  const goDay = (value: string) => change({ date: value === today ? "" : value });
  const goView = (value: View) => change({ view: value });
  const open = (id: string | null) =>
    navigate({ pathname: id ? `/calendar/${id}` : "/calendar", search: search.toString() });
  const move = (appointment: Appointment, start?: Date, doctor?: string) =>
    setMoving({ appointment, start, doctor });

  useCalendarKeys({
    onView: goView,
    onToday: () => goDay(today),
    onStep: (direction) => goDay(stepped(view, day, direction)),
    enabled: !booking && !moving && !appointmentId,
  });

  const filtered = filterSize(filter) > 0;
  const showDoctor = all && !filter.doctor;
  const waiting = board.data?.find((stage) => stage.name === "waiting");
  const parts = { appointments: visits, today, now, showDoctor, onOpen: open };
  const columns = {
    visits,
    today,
    now,
    onOpen: open,
    onDay: (value: string) => change({ view: "day", date: value === today ? "" : value }),
    onEmpty: (at: string, minutes: number, doctor: string) =>
      setBooking({ day: at, minutes, ...(doctor ? { doctor } : {}) }),
    onMove: move,
  };
  const missing = listed && !data && (view !== "day" || whose.length > 0);

  return (
    <NowContext value={now}>
      <title>{`${t("calendar.title")} · ${me.clinic.name}`}</title>
      <Toolbar
        view={view}
        day={day}
        today={today}
        wide={wide}
        filter={filter}
        doctors={all ? (doctors ?? []) : []}
        onView={goView}
        onDay={goDay}
        onFilter={change}
        onName={setName}
        onNew={() => setBooking({ day, ...(filter.doctor ? { doctor: filter.doctor } : {}) })}
        waiting={waiting?.count ?? 0}
        onWaiting={() => open(waiting?.items[0]?.id ?? null)}
      />
      {view === "board" ? (
        <Board
          stages={board.data}
          error={board.error}
          retry={() => void board.refetch()}
          filter={filter}
          {...parts}
        />
      ) : error && !data && listed ? (
        <Failed title={t("calendar.failed")} error={error} retry={async () => refetch()} />
      ) : missing || (counted && !days.data) ? (
        <div className={styles.card}>
          <Skeleton lines={8} label={t("loading")} />
        </div>
      ) : view === "month" || tooMany ? (
        <>
          {tooMany && <Notice tone="info">{t("calendar.chooseDoctor")}</Notice>}
          <MonthGrid
            days={month}
            month={view === "month" ? day.slice(0, 7) : ""}
            day={day}
            today={today}
            counts={days.data ?? new Map()}
            stage={filter.stage}
            onDay={columns.onDay}
          />
        </>
      ) : view === "week" ? (
        <WeekColumns
          {...columns}
          days={week}
          doctor={filter.doctor || (all ? "" : me.person.id)}
          showDoctor={showDoctor}
        />
      ) : view === "day" && wide ? (
        <DayColumns
          {...columns}
          day={day}
          people={shownPeople}
          page={page}
          pages={Math.ceil(people.length / columnsAtOnce)}
          onPage={(value) => change({ page: value ? String(value) : "" })}
        />
      ) : view === "day" ? (
        <>
          <DayStrip
            days={week}
            day={day}
            today={today}
            counts={days.data ?? new Map()}
            onDay={goDay}
          />
          <Agenda {...parts} days={[day]} filtered={filtered} />
        </>
      ) : (
        <Agenda {...parts} days={week} filtered={filtered} />
      )}
      {data?.more && listed && !tooMany && (
        <Notice tone="info">{t("calendar.more", { count: data.items.length })}</Notice>
      )}
      <p className={styles.zone}>
        {format.viewerTime(now) !== null &&
          t("calendar.zones", { zone: format.zone, own: format.viewerZone })}
      </p>
      <FeedsButton owner={me.role === "practitioner" ? "doctor" : "clinic"} />
      {(view === "day" || view === "agenda") && (
        <DayPrint days={view === "day" ? [day] : week} visits={visits} filter={filter} />
      )}
      <AppointmentPanel
        id={appointmentId}
        known={appointmentId ? known(appointmentId) : undefined}
        onClose={() => open(null)}
        onMove={(appointment) => {
          open(null);
          move(appointment);
        }}
      />
      {(booking || moving) && (
        <Suspense>
          {booking && <NewAppointment prefill={booking} onClose={() => setBooking(null)} />}
          {moving && (
            <MoveVisit
              key={moving.appointment.id}
              wish={moving}
              onClose={() => setMoving(null)}
              onRefused={setMoving}
            />
          )}
        </Suspense>
      )}
    </NowContext>
  );
}

function viewFor(asked: string | null, wide: boolean): View {
  if (!isView(asked)) return wide ? "week" : "day";
  return asked === "week" && !wide ? "day" : asked;
}
