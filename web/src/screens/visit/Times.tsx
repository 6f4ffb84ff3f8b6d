import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Practitioner, Slot } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { slotDays } from "../../visit/request";
import css from "./request.module.css";
import visit from "./visit.module.css";

const dayMs = 24 * 60 * 60 * 1000;
const windowDays = 14;
/** Nobody asks for a time further ahead than the longest horizon. */
const lastWindow = 26;

/** Free times of two weeks: the first free day is open, so that one press chooses a time. */
export function Times({
  serviceId,
  practitionerId,
  doctors,
  onChoose,
  onOtherDoctor,
}: {
  serviceId: string;
  /** Empty for all who give the service. */
  practitionerId: string;
  /** Whose names stand under the times; empty when it is one doctor anyway. */
  doctors: readonly Practitioner[];
  onChoose: (slot: Slot) => void;
  onOtherDoctor: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [page, setPage] = useState(0);
  const [round, setRound] = useState(0);
  const [slots, setSlots] = useState<readonly Slot[]>();
  const [failed, setFailed] = useState(false);
  const [chosen, setChosen] = useState("");

  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched anew for each try
  useEffect(() => {
    let over = false;
    setSlots(undefined);
    setFailed(false);
    const at = Date.now() + page * windowDays * dayMs;
    const query = {
      serviceId,
      ...(practitionerId ? { practitionerId } : {}),
      from: new Date(at).toISOString(),
      to: new Date(at + windowDays * dayMs).toISOString(),
    };
    ok(api.GET("/slots", { params: { query } }))
      .then(({ items }) => {
        if (!over) setSlots(items);
      })
      .catch(() => {
        if (!over) setFailed(true);
      });
    return () => {
      over = true;
    };
  }, [serviceId, practitionerId, page, round]);

  if (failed) {
    const again = <Button onClick={() => setRound(round + 1)}>{t("action.retry")}</Button>;
    return (
      <Notice tone="bad" action={again}>
        {t("request.failed")}
      </Notice>
    );
  }
  if (!slots) return <Loading label={t("loading")} />;
  const days = slotDays(slots, formats.zone);
  const open = days.find(({ day }) => day === chosen) ?? days[0];
  const shifted = open?.slots.some((slot) => formats.viewerTime(slot.start) !== null);
  return (
    <section className={visit.card}>
      {open ? (
        <>
          <fieldset className={css.days}>
            <legend className="sr-only">{t("request.days")}</legend>
            {days.map(({ day, slots: [first] }) => (
              <button
                key={day}
                type="button"
                className={cx(css.day, day === open.day && css.current)}
                aria-pressed={day === open.day}
                aria-label={first && formats.day(first.start)}
                onClick={() => setChosen(day)}
              >
                <span>{formats.weekday(day)}</span>
                <strong>{formats.dayOfMonth(day)}</strong>
              </button>
            ))}
          </fieldset>
          <h2 className={visit.cardTitle} role="status">
            {open.slots[0] && formats.day(open.slots[0].start)}
          </h2>
          {shifted && <p className={visit.soft}>{t("request.zone", { zone: formats.zone })}</p>}
          <ul className={css.times}>
            {open.slots.map((slot) => {
              const own = formats.viewerTime(slot.start);
              const doctor = doctors.find(({ id }) => id === slot.practitionerId);
              return (
                <li key={slot.start}>
                  <button
                    type="button"
                    className={css.time}
                    data-testid="slot"
                    onClick={() => onChoose(slot)}
                  >
                    <strong className="tnum">{formats.time(slot.start)}</strong>
                    {own && <span>{t("request.yours", { time: own })}</span>}
                    {doctor && <span>{doctor.specialty}</span>}
                  </button>
                </li>
              );
            })}
          </ul>
        </>
      ) : (
        <>
          <p role="status">{t("request.noTimes")}</p>
          {onOtherDoctor && <Button onClick={onOtherDoctor}>{t("request.otherDoctor")}</Button>}
        </>
      )}
      <div className={css.pages}>
        {page > 0 && (
          <Button variant="quiet" onClick={() => setPage(page - 1)}>
            {t("request.earlier")}
          </Button>
        )}
        {page < lastWindow && (
          <Button variant="quiet" onClick={() => setPage(page + 1)}>
            {t("request.later")}
          </Button>
        )}
      </div>
    </section>
  );
}
