import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Practitioner, Slot } from "../../api/types";
import { dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { ClockIcon } from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { Spinner } from "../../ui/Spinner";
import { everyDay, slotDays } from "../../visit/booking";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { WaitForm } from "./WaitForm";

const dayMs = 24 * 60 * 60 * 1000;
const windowDays = 14;
/** Nobody asks for a time further ahead than the longest horizon. */
const lastWindow = 26;

/** Free times of two weeks: the first free day is open, so that one press chooses a time. */
export function Times({
  patientId,
  serviceId,
  practitionerId,
  moving,
  doctors,
  keeping,
  onChoose,
  onOtherDoctor,
  onHome,
}: {
  patientId: string;
  serviceId: string;
  /** Empty for all who give the service. */
  practitionerId: string;
  /** A visit that goes to another time: its own counts as free, and there is no waiting list. */
  moving?: string | undefined;
  /** Whose names stand under the times; empty when it is one doctor anyway. */
  doctors: readonly Practitioner[];
  /** The time that is being asked for now. */
  keeping: string | undefined;
  onChoose: (slot: Slot) => void;
  onOtherDoctor: (() => void) | undefined;
  onHome: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [page, setPage] = useState(0);
  const [round, setRound] = useState(0);
  const [slots, setSlots] = useState<readonly Slot[]>();
  const [first, setFirst] = useState("");
  const [failed, setFailed] = useState(false);
  const [chosen, setChosen] = useState("");
  const { zone } = formats;

  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched anew for each try
  useEffect(() => {
    let over = false;
    setSlots(undefined);
    setFailed(false);
    const at = Date.now() + page * windowDays * dayMs;
    const query = {
      serviceId,
      ...(practitionerId ? { practitionerId } : {}),
      ...(moving ? { moving } : {}),
      from: new Date(at).toISOString(),
      to: new Date(at + windowDays * dayMs).toISOString(),
    };
    ok(api.GET("/slots", { params: { query } }))
      .then(({ items }) => {
        if (over) return;
        setFirst(dayKey(new Date(at), zone));
        setSlots(items);
      })
      .catch(() => {
        if (!over) setFailed(true);
      });
    return () => {
      over = true;
    };
  }, [serviceId, practitionerId, moving, page, round, zone]);

  if (failed) {
    const again = <Button onClick={() => setRound(round + 1)}>{t("action.retry")}</Button>;
    return (
      <Notice tone="bad" action={again}>
        {t("book.failed")}
      </Notice>
    );
  }
  if (!slots) return <Loading label={t("loading")} />;
  const free = slotDays(slots, zone);
  const days = everyDay(free, first, windowDays);
  const open = days.find(({ day }) => day === chosen) ?? free[0];
  const shifted = open?.slots.some((slot) => formats.viewerTime(slot.start) !== null);
  const noon = (day: string) => `${day}T12:00:00Z`;
  const title = open?.slots[0] ? formats.day(open.slots[0].start) : open && dayName(open.day);
  function dayName(day: string) {
    return `${formats.weekday(day)}, ${formats.date(noon(day))}`;
  }
  return (
    <section className={visit.card}>
      <fieldset className={css.days}>
        <legend className="sr-only">{t("book.time.days")}</legend>
        {days.map(({ day, slots: [slot] }) => (
          <button
            key={day}
            type="button"
            className={cx(css.day, !slot && css.full, day === open?.day && css.current)}
            aria-pressed={day === open?.day}
            data-free={slot ? "yes" : "no"}
            data-day={day}
            onClick={() => setChosen(day)}
          >
            <span>{formats.weekday(day)}</span>
            <strong>{formats.dayOfMonth(day)}</strong>
            <span className="sr-only">
              {slot ? formats.day(slot.start) : `${dayName(day)}, ${t("book.time.full")}`}
            </span>
          </button>
        ))}
      </fieldset>
      {open ? (
        <div role="status">
          <h2 className={visit.cardTitle}>{title}</h2>
        </div>
      ) : (
        <p role="status">{t("book.time.none")}</p>
      )}
      {shifted && <p className={visit.soft}>{t("book.time.zone", { zone })}</p>}
      {open && open.slots.length === 0 && <p>{t("book.time.fullDay")}</p>}
      {open && open.slots.length > 0 && (
        <ul className={cx(css.times, keeping && css.busy)} aria-busy={keeping !== undefined}>
          {open.slots.map((slot) => {
            const own = formats.viewerTime(slot.start);
            const doctor = doctors.find(({ id }) => id === slot.practitionerId);
            return (
              <li key={slot.start}>
                <button
                  type="button"
                  className={css.time}
                  data-testid="slot"
                  data-start={slot.start}
                  onClick={() => keeping === undefined && onChoose(slot)}
                >
                  {keeping === slot.start && <Spinner size={18} />}
                  <strong className="tnum">{formats.time(slot.start)}</strong>
                  {own && <span>{t("book.time.yours", { time: own })}</span>}
                  {doctor && <span>{doctor.specialty}</span>}
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {keeping && (
        <p className={css.kept} role="status">
          <ClockIcon size={22} />
          {t("book.time.keeping")}
        </p>
      )}
      {free.length === 0 && onOtherDoctor && (
        <Button onClick={onOtherDoctor}>{t("book.time.otherDoctor")}</Button>
      )}
      <div className={css.pages}>
        {page > 0 && (
          <Button variant="quiet" onClick={() => setPage(page - 1)}>
            {t("book.time.earlier")}
          </Button>
        )}
        {page < lastWindow && (
          <Button variant="quiet" onClick={() => setPage(page + 1)}>
            {t("book.time.later")}
          </Button>
        )}
      </div>
      {!moving && (
        <WaitForm
          key={open?.day}
          patientId={patientId}
          serviceId={serviceId}
          practitionerId={practitionerId}
          today={dayKey(new Date(), zone)}
          day={open && open.slots.length === 0 ? open.day : undefined}
          onHome={onHome}
        />
      )}
    </section>
  );
}
