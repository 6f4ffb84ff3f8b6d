import { useTranslation } from "react-i18next";
import { Select, type SelectProps } from "../../ui/Field";
import type { Times } from "./bookingTimes";

/** A time of the day: first what the hours offer, then every other quarter. */
export function TimeSelect({
  choice,
  own,
  anyTime = false,
  ...rest
}: Omit<SelectProps, "label" | "children"> & {
  choice: Times;
  /** The time that is meant already, if it is none of the others. */
  own?: string;
  /** No hours to go by yet. */
  anyTime?: boolean;
}) {
  const { t } = useTranslation();
  const known = [...choice.offered, ...choice.others.map(({ time }) => time)];
  return (
    <Select label={t("booking.time")} {...rest}>
      {own && !known.includes(own) && <option>{own}</option>}
      {choice.offered.length > 0 && (
        <optgroup label={t("booking.inHours")}>
          {choice.offered.map((at) => (
            <option key={at}>{at}</option>
          ))}
        </optgroup>
      )}
      <optgroup label={t(anyTime ? "booking.anyTime" : "booking.outsideHours")}>
        {choice.others.map(({ time: at, taken }) => (
          <option key={at} value={at} disabled={taken}>
            {taken ? t("booking.timeTaken", { time: at }) : at}
          </option>
        ))}
      </optgroup>
    </Select>
  );
}
