import { useId } from "react";
import type { IconType } from "./icons";
import styles from "./Segments.module.css";

export interface Segment<T extends string> {
  value: T;
  name: string;
  icon?: IconType;
}

/** A short choice of which exactly one is on: radio buttons in the look of a switch. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly Segment<T>[];
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset className={styles.segments}>
      <legend className="sr-only">{label}</legend>
      {options.map(({ value: option, name: text, icon: Icon }) => (
        <label key={option} className={styles.segment}>
          <input
            type="radio"
            className="sr-only"
            name={name}
            checked={option === value}
            onChange={() => onChange(option)}
          />
          {Icon && <Icon size={18} />}
          {text}
        </label>
      ))}
    </fieldset>
  );
}
