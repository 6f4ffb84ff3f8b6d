import { type ComponentPropsWithRef, type ReactNode, useId } from "react";
import { cx } from "./cx";
import styles from "./Field.module.css";
import { AlertIcon, ChevronDownIcon } from "./icons";

interface FieldParts {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  /** Shown after the label when the field may stay empty, or must not. */
  mark?: ReactNode;
}

function useDescribed(parts: FieldParts, id: string | undefined) {
  const own = useId();
  const field = id ?? own;
  const hintId = parts.hint ? `${field}-hint` : undefined;
  const errorId = parts.error ? `${field}-error` : undefined;
  return { field, hintId, errorId, describedBy: cx(hintId, errorId) || undefined };
}

function Frame({
  parts,
  ids,
  children,
}: {
  parts: FieldParts;
  ids: ReturnType<typeof useDescribed>;
  children: ReactNode;
}) {
  return (
    <div className={styles.frame}>
      <label className={styles.label} htmlFor={ids.field}>
        {parts.label}
        {parts.mark && <span className={styles.mark}>{parts.mark}</span>}
      </label>
      {parts.hint && (
        <p id={ids.hintId} className={styles.hint}>
          {parts.hint}
        </p>
      )}
      {children}
      {parts.error && (
        <p id={ids.errorId} className={styles.error}>
          <AlertIcon size={16} />
          {parts.error}
        </p>
      )}
    </div>
  );
}

export type FieldProps = FieldParts & ComponentPropsWithRef<"input">;

export function Field({ label, hint, error, mark, id, className, ...rest }: FieldProps) {
  const parts = { label, hint, error, mark };
  const ids = useDescribed(parts, id);
  return (
    <Frame parts={parts} ids={ids}>
      <input
        {...rest}
        id={ids.field}
        className={cx(styles.control, className)}
        aria-invalid={error ? true : undefined}
        aria-describedby={ids.describedBy}
      />
    </Frame>
  );
}

export type TextAreaProps = FieldParts & ComponentPropsWithRef<"textarea">;

export function TextArea({ label, hint, error, mark, id, className, ...rest }: TextAreaProps) {
  const parts = { label, hint, error, mark };
  const ids = useDescribed(parts, id);
  return (
    <Frame parts={parts} ids={ids}>
      <textarea
        rows={4}
        {...rest}
        id={ids.field}
        className={cx(styles.control, styles.area, className)}
        aria-invalid={error ? true : undefined}
        aria-describedby={ids.describedBy}
      />
    </Frame>
  );
}

export type SelectProps = FieldParts & ComponentPropsWithRef<"select">;

/** The platform's own list: best on phones and for screen readers. */
export function Select({
  label,
  hint,
  error,
  mark,
  id,
  className,
  children,
  ...rest
}: SelectProps) {
  const parts = { label, hint, error, mark };
  const ids = useDescribed(parts, id);
  return (
    <Frame parts={parts} ids={ids}>
      <span className={styles.selectBox}>
        <select
          {...rest}
          id={ids.field}
          className={cx(styles.control, styles.select, className)}
          aria-invalid={error ? true : undefined}
          aria-describedby={ids.describedBy}
        >
          {children}
        </select>
        <ChevronDownIcon size={18} />
      </span>
    </Frame>
  );
}
