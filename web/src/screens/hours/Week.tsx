import { useTranslation } from "react-i18next";
import { instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { firstRanges, nextRange, type Weekday, weekdays } from "../../state/hours";
import { useToasts } from "../../state/toast";
import { Button, IconButton } from "../../ui/Button";
import { cx } from "../../ui/cx";
import field from "../../ui/Field.module.css";
import { AlertIcon, CopyIcon, PlusIcon } from "../../ui/icons";
import styles from "./hours.module.css";
import { Ranges } from "./Ranges";
import type { Hours } from "./useHours";

/** Monday to Sunday: a day is opened by one press, and may have several ranges. */
export function Week({ hours }: { hours: Hours }) {
  const { t } = useTranslation();
  const toasts = useToasts();
  const { draft, change, faults } = hours;
  const copyMonday = () => {
    change(({ week }) => {
      for (const day of weekdays.slice(1, 5)) week[day] = structuredClone(week.mon);
    });
    toasts.show(t("hours.sameDone"));
  };
  const differs = weekdays
    .slice(1, 5)
    .some((day) => JSON.stringify(draft.week[day]) !== JSON.stringify(draft.week.mon));
  return (
    <section className={styles.card} aria-labelledby="hours-week">
      <h2 id="hours-week">{t("hours.weekTitle")}</h2>
      {faults.has("week") && (
        <p className={field.error}>
          <AlertIcon size={16} />
          {t("hours.fault.many")}
        </p>
      )}
      <ul>
        {weekdays.map((day) => (
          <Day key={day} day={day} hours={hours}>
            {day === "mon" && draft.week.mon.length > 0 && differs && (
              <Button variant="quiet" size="s" icon={CopyIcon} onClick={copyMonday}>
                {t("hours.same")}
              </Button>
            )}
          </Day>
        ))}
      </ul>
      {draft.dated.length > 0 && <Dated hours={hours} />}
    </section>
  );
}

function Day({ day, hours, children }: { day: Weekday; hours: Hours; children: React.ReactNode }) {
  const { t } = useTranslation();
  const { draft, change, faults } = hours;
  const name = t(`hours.days.${day}`);
  const ranges = draft.week[day];
  const open = ranges.length > 0;
  const next = nextRange(ranges);
  const toggle = () =>
    change(({ week }) => {
      week[day] = open ? [] : firstRanges(week, day);
    });
  return (
    <li className={styles.day}>
      <label className={styles.dayName}>
        <input
          type="checkbox"
          className={styles.switch}
          checked={open}
          aria-label={t("hours.works", { day: name })}
          onChange={toggle}
        />
        <span aria-hidden="true">{name}</span>
      </label>
      {open ? (
        <div className={styles.dayHours}>
          <div className={styles.dayRow}>
            <Ranges
              at={`week/${day}`}
              name={name}
              ranges={ranges}
              faults={faults}
              onChange={(i, range) => change(({ week }) => void week[day].splice(i, 1, range))}
              onRemove={
                ranges.length > 1
                  ? (i) => change(({ week }) => void week[day].splice(i, 1))
                  : undefined
              }
            />
            {next && ranges.length < 6 && (
              <IconButton
                icon={PlusIcon}
                size="s"
                className={styles.plus}
                label={t("hours.addOf", { day: name })}
                onClick={() => change(({ week }) => void week[day].push(next))}
              />
            )}
          </div>
          {children}
        </div>
      ) : (
        <p className={cx(styles.soft, styles.closed)}>{t("hours.off")}</p>
      )}
    </li>
  );
}

/** Rules between two dates are made by other programs; here they are seen and removed. */
function Dated({ hours }: { hours: Hours }) {
  const { t } = useTranslation();
  const format = useFormats();
  const date = (day: string) => format.date(instantOf(day, 720, format.zone));
  return (
    <>
      <h3 className={styles.sub}>{t("hours.datedTitle")}</h3>
      <ul className={styles.list}>
        {hours.draft.dated.map((rule, i) => {
          const days = rule.days.map((day) => t(`hours.days.${day}`)).join(", ");
          const what = [
            t("hours.dated", { days, from: rule.from, to: rule.to }),
            rule.since && t("hours.since", { date: date(rule.since) }),
            rule.until && t("hours.until", { date: date(rule.until) }),
          ]
            .filter(Boolean)
            .join(", ");
          return (
            <li key={what} className={styles.dated}>
              <span>{what}</span>
              <Button
                size="s"
                aria-label={t("hours.takeOf", { what })}
                onClick={() => hours.change(({ dated }) => void dated.splice(i, 1))}
              >
                {t("hours.take")}
              </Button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
