import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/useFormats";
import { type HoursDraft, limits } from "../../state/hours";
import { Field, Select } from "../../ui/Field";
import styles from "./hours.module.css";
import type { Hours } from "./useHours";

const steps = [5, 10, 15, 20, 30, 60];
const buffers = [0, 5, 10, 15, 20, 30, 45, 60, 90, 120];
const hour = 60;
const notices = [
  0,
  15,
  30,
  hour,
  2 * hour,
  4 * hour,
  12 * hour,
  24 * hour,
  48 * hour,
  72 * hour,
  168 * hour,
];

/** The choices and the one that holds already, if another program chose it. */
const withOwn = (choices: readonly number[], own: number) =>
  [...new Set([...choices, own])].sort((a, b) => a - b);

/** How visits are laid into the hours. */
export function BookingRules({ hours }: { hours: Hours }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { draft, change, faults } = hours;
  const error = (field: string) => {
    const fault = faults.get(field);
    return fault && t(`hours.fault.${fault}`);
  };
  const set = (field: Exclude<keyof HoursDraft, "week" | "dated" | "exceptions">, value: number) =>
    change((next) => {
      next[field] = value;
    });
  const length = (minutes: number) => format.duration(minutes * 60_000);
  return (
    <section className={styles.card} aria-labelledby="hours-rules">
      <h2 id="hours-rules">{t("hours.limitsTitle")}</h2>
      <div className={styles.rules}>
        <Select
          label={t("hours.step")}
          value={draft.stepMin}
          error={error("stepMin")}
          onChange={(event) => set("stepMin", Number(event.target.value))}
        >
          {steps.map((minutes) => (
            <option key={minutes} value={minutes}>
              {length(minutes)}
            </option>
          ))}
        </Select>
        <Select
          label={t("hours.buffer")}
          value={draft.bufferMin}
          error={error("bufferMin")}
          onChange={(event) => set("bufferMin", Number(event.target.value))}
        >
          {withOwn(buffers, draft.bufferMin).map((minutes) => (
            <option key={minutes} value={minutes}>
              {minutes === 0 ? t("hours.none") : length(minutes)}
            </option>
          ))}
        </Select>
        <Select
          label={t("hours.notice")}
          hint={t("hours.noticeHint")}
          value={draft.minNoticeMin}
          error={error("minNoticeMin")}
          onChange={(event) => set("minNoticeMin", Number(event.target.value))}
        >
          {withOwn(notices, draft.minNoticeMin).map((minutes) => (
            <option key={minutes} value={minutes}>
              {minutes === 0 ? t("hours.anyTime") : t("hours.before", { time: length(minutes) })}
            </option>
          ))}
        </Select>
        <Field
          label={t("hours.perDay")}
          hint={t("hours.perDayHint")}
          type="number"
          inputMode="numeric"
          min={1}
          max={limits.maxPerDay}
          value={draft.maxPerDay === 0 || Number.isNaN(draft.maxPerDay) ? "" : draft.maxPerDay}
          error={error("maxPerDay")}
          onChange={(event) =>
            set("maxPerDay", event.target.value ? event.target.valueAsNumber : 0)
          }
        />
        <Field
          label={t("hours.horizon")}
          type="number"
          inputMode="numeric"
          min={1}
          max={limits.horizonDays}
          value={Number.isNaN(draft.horizonDays) ? "" : draft.horizonDays}
          error={error("horizonDays")}
          onChange={(event) => set("horizonDays", event.target.valueAsNumber)}
        />
      </div>
    </section>
  );
}
