import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { addDays, dayKey, instantOf, weekStart } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { useAppointments } from "../../state/appointments";
import { useMe } from "../../state/me";
import { scheduleQuery } from "../../state/schedule";
import { useWide } from "../../state/useMediaQuery";
import { useNow } from "../../state/useNow";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import { Agenda } from "./Agenda";
import { AppointmentPanel } from "./AppointmentPanel";
import { Board } from "./Board";
import type { Prefill } from "./bookingTimes";
import styles from "./CalendarScreen.module.css";
import { DayStrip } from "./DayStrip";
import { Toolbar, type View } from "./Toolbar";
import { WeekGrid } from "./WeekGrid";

/** The form brings its own date and list fields; it comes when it is first needed. */
const NewAppointment = lazy(() => import("./NewAppointment"));

const views: readonly View[] = ["week", "day", "agenda", "board"];

/** The doctor's and the administrator's home: who comes when, and where each visit stands. */
export function CalendarScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const wide = useWide();
  const now = useNow();
  const navigate = useNavigate();
  const { appointmentId } = useParams();
  const [search, setSearch] = useSearchParams();
  const [booking, setBooking] = useState<Prefill | null>(null);

  const today = dayKey(now, format.zone);
  const asked = search.get("date");
  const day = asked && /^\d{4}-\d{2}-\d{2}$/.test(asked) ? asked : today;
  const view = viewFor(search.get("view"), wide);
  const doctor = search.get("doctor") ?? "";

  const monday = weekStart(day);
  const from = useMemo(() => instantOf(monday, 0, format.zone), [monday, format.zone]);
  const to = useMemo(() => instantOf(addDays(monday, 7), 0, format.zone), [monday, format.zone]);
  const { data, error, isPending, refetch } = useAppointments(from, to);
  const shown = useMemo(
    () => (data ?? []).filter((item) => !doctor || item.practitioner.id === doctor),
    [data, doctor],
  );

  const one = doctor || (me.role === "practitioner" ? me.person.id : "");
  const hours = useQuery(scheduleQuery(one)).data;

  const waiting = shown
    .filter((item) => item.status === "waiting")
    .sort((a, b) => a.since.localeCompare(b.since));

  const change = (name: string, value: string) => {
    setSearch(
      (old) => {
        if (value) old.set(name, value);
        else old.delete(name);
        return old;
      },
      { replace: true },
    );
  };
  const query = search.toString();
  const go = (id: string | null) =>
    navigate({ pathname: id ? `/calendar/${id}` : "/calendar", search: query });

  const days = Array.from({ length: 7 }, (_, i) => addDays(monday, i));
  const parts = {
    appointments: shown,
    today,
    now,
    onOpen: go,
    showDoctor: !doctor && me.role === "clinic_admin",
  };

  return (
    <>
      <title>{`${t("calendar.title")} · ${me.clinic.name}`}</title>
      <Toolbar
        view={view}
        day={day}
        today={today}
        wide={wide}
        doctor={doctor}
        onView={(value) => change("view", value)}
        onDay={(value) => change("date", value === today ? "" : value)}
        onDoctor={(value) => change("doctor", value)}
        onNew={() => setBooking({ day })}
        waiting={waiting.length}
        onWaiting={() => go(waiting[0]?.id ?? null)}
      />
      {isPending ? (
        <div className={styles.card}>
          <Skeleton lines={8} label={t("loading")} />
        </div>
      ) : error && !data ? (
        <Failed title={t("calendar.failed")} error={error} retry={refetch} />
      ) : view === "week" ? (
        <WeekGrid
          {...parts}
          days={days}
          hours={hours}
          onEmpty={(at, minutes) => setBooking({ day: at, minutes })}
        />
      ) : view === "day" ? (
        <>
          <DayStrip
            days={days}
            day={day}
            today={today}
            appointments={shown}
            onDay={(value) => change("date", value === today ? "" : value)}
          />
          <Agenda {...parts} days={[day]} />
        </>
      ) : view === "board" ? (
        <Board {...parts} day={day} />
      ) : (
        <Agenda {...parts} days={days} />
      )}
      <p className={styles.zone}>
        {format.viewerTime(now) !== null && t("time.clinicZone", { zone: format.zone })}
      </p>
      <AppointmentPanel
        id={appointmentId}
        known={data?.find((item) => item.id === appointmentId)}
        onClose={() => go(null)}
      />
      {booking && (
        <Suspense>
          <NewAppointment prefill={booking} onClose={() => setBooking(null)} />
        </Suspense>
      )}
    </>
  );
}

function viewFor(asked: string | null, wide: boolean): View {
  const view = views.find((name) => name === asked);
  if (view === "week" && !wide) return "day";
  if (view === "day" && wide) return "week";
  return view ?? (wide ? "week" : "day");
}
