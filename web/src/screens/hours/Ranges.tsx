import { useId } from "react";
import { useTranslation } from "react-i18next";
import { clockChoices, type Faults, type Range } from "../../state/hours";
import { IconButton } from "../../ui/Button";
import { cx } from "../../ui/cx";
import field from "../../ui/Field.module.css";
import { AlertIcon, CloseIcon } from "../../ui/icons";
import styles from "./hours.module.css";

/** The ranges of one day, each with its beginning, its end and its removal. */
export function Ranges({
  at,
  name,
  ranges,
  faults,
  onChange,
  onRemove,
}: {
  /** Where the ranges stand among the faults. */
  at: string;
  /** What the ranges belong to, for those who hear it. */
  name: string;
  ranges: readonly Range[];
  faults: Faults;
  onChange: (index: number, range: Range) => void;
  /** None: the last range stays. */
  onRemove: ((index: number) => void) | undefined;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <ul className={styles.ranges}>
      {ranges.map((range, i) => {
        const fault = faults.get(`${at}/${i}`);
        const errorId = fault ? `${id}-${i}` : undefined;
        const marks = {
          "aria-invalid": fault ? (true as const) : undefined,
          "aria-describedby": errorId,
        };
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a range has nothing else to be known by
          <li key={i}>
            <span className={styles.range}>
              <span aria-hidden="true">{t("hours.from")}</span>
              <Clock
                {...marks}
                label={t("hours.fromOf", { day: name, n: i + 1 })}
                value={range.from}
                to="23:45"
                onChange={(from) => onChange(i, { ...range, from })}
              />
              <span aria-hidden="true">{t("hours.to")}</span>
              <Clock
                {...marks}
                label={t("hours.toOf", { day: name, n: i + 1 })}
                value={range.to}
                from="00:15"
                onChange={(to) => onChange(i, { ...range, to })}
              />
              {onRemove && (
                <IconButton
                  icon={CloseIcon}
                  label={t("hours.remove", { ...range })}
                  size="s"
                  onClick={() => onRemove(i)}
                />
              )}
            </span>
            {fault && (
              <p id={errorId} className={field.error}>
                <AlertIcon size={16} />
                {t(`hours.fault.${fault}`)}
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Clock({
  label,
  value,
  from,
  to,
  onChange,
  ...marks
}: {
  label: string;
  value: string;
  from?: string;
  to?: string;
  onChange: (time: string) => void;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}) {
  return (
    <select
      {...marks}
      aria-label={label}
      className={cx(field.control, styles.clock, "tnum")}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {clockChoices(value, from, to).map((time) => (
        <option key={time}>{time}</option>
      ))}
    </select>
  );
}
