import { useState } from "react";
import { useTranslation } from "react-i18next";
import { dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { limits, nextRange, type TimeOff } from "../../state/hours";
import { Button, IconButton } from "../../ui/Button";
import { DatePicker } from "../../ui/DatePicker";
import { CloseIcon, PlusIcon } from "../../ui/icons";
import styles from "./hours.module.css";
import { Ranges } from "./Ranges";
import type { Hours } from "./useHours";

/** Vacations, single days off, and days with hours of their own. */
export function Exceptions({ hours }: { hours: Hours }) {
  const { t } = useTranslation();
  const { zone } = useFormats();
  const { draft, change } = hours;
  const today = dayKey(new Date(), zone);
  // What is over says nothing any more; it stays in the schedule unseen.
  // What was past from the start: a day that is being typed may be a past one for a moment.
  const [past] = useState(
    () =>
      new Set(
        draft.exceptions
          .filter(({ last }) => last && last < today)
          .map((one) => JSON.stringify(one)),
      ),
  );
  const shown = draft.exceptions
    .map((one, index) => ({ one, index }))
    .filter(({ one }) => !past.has(JSON.stringify(one)));
  const add = (windows: { from: string; to: string }[]) =>
    change(({ exceptions }) => void exceptions.push({ first: "", last: "", windows }));
  return (
    <section className={styles.card} aria-labelledby="hours-exceptions">
      <h2 id="hours-exceptions">{t("hours.exceptionsTitle")}</h2>
      {shown.length === 0 && <p className={styles.soft}>{t("hours.exceptionsNone")}</p>}
      <ul className={styles.list}>
        {shown.map(({ index }) => (
          <Exception key={index} hours={hours} index={index} today={today} />
        ))}
      </ul>
      {draft.exceptions.length < limits.exceptions && (
        <div className={styles.actions}>
          <Button icon={PlusIcon} onClick={() => add([])}>
            {t("hours.addOff")}
          </Button>
          <Button icon={PlusIcon} onClick={() => add([{ from: "09:00", to: "13:00" }])}>
            {t("hours.addSpecial")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Exception({ hours, index, today }: { hours: Hours; index: number; today: string }) {
  const { t } = useTranslation();
  const { locale } = useFormats();
  const { draft, change, faults } = hours;
  const one = draft.exceptions[index];
  if (!one) return null;
  const at = `exceptions/${index}`;
  const fault = faults.get(at);
  const kind = t(one.windows.length > 0 ? "hours.special" : "hours.offDays");
  const edit = (make: (exception: TimeOff) => void) =>
    change(({ exceptions }) => {
      const target = exceptions[index];
      if (target) make(target);
    });
  const next = nextRange(one.windows);
  return (
    <li className={styles.exception}>
      <div className={styles.exceptionHead}>
        <h3>{kind}</h3>
        <IconButton
          icon={CloseIcon}
          size="s"
          label={t("hours.takeOf", { what: [kind, one.first].filter(Boolean).join(" ") })}
          onClick={() => change(({ exceptions }) => void exceptions.splice(index, 1))}
        />
      </div>
      <div className={styles.pair}>
        <DatePicker
          label={t("hours.first")}
          locale={locale}
          value={one.first}
          min={one.first && one.first < today ? one.first : today}
          onChange={(first) =>
            edit((exception) => {
              exception.first = first;
              // One day off is the most common: the last day follows.
              if (first && (!exception.last || exception.last < first)) exception.last = first;
            })
          }
        />
        <DatePicker
          label={t("hours.last")}
          locale={locale}
          value={one.last}
          min={one.first || today}
          error={fault && t(`hours.fault.${fault}`)}
          onChange={(last) =>
            edit((exception) => {
              exception.last = last;
            })
          }
        />
      </div>
      {one.windows.length > 0 && (
        <div className={styles.dayRow}>
          <Ranges
            at={at}
            name={kind}
            ranges={one.windows}
            faults={faults}
            onChange={(i, range) => edit(({ windows }) => void windows.splice(i, 1, range))}
            onRemove={
              one.windows.length > 1
                ? (i) => edit(({ windows }) => void windows.splice(i, 1))
                : undefined
            }
          />
          {next && one.windows.length < limits.windows && (
            <IconButton
              icon={PlusIcon}
              size="s"
              className={styles.plus}
              label={t("hours.addOf", { day: kind })}
              onClick={() => edit(({ windows }) => void windows.push(next))}
            />
          )}
        </div>
      )}
    </li>
  );
}
