import type { ComponentPropsWithRef, ReactNode } from "react";
import styles from "./Button.module.css";
import { cx } from "./cx";
import type { IconType } from "./icons";
import { Spinner } from "./Spinner";

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";
export type ButtonSize = "s" | "m" | "l";

interface Look {
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  /** Takes the whole width of its container. */
  block?: boolean | undefined;
}

/** Class of a button, for links that look like one. */
export function buttonClass({
  variant = "secondary",
  size = "m",
  block = false,
}: Look = {}): string {
  return cx(styles.button, styles[variant], styles[size], block && styles.block);
}

export interface ButtonProps extends ComponentPropsWithRef<"button">, Look {
  icon?: IconType | undefined;
  /** Shows a spinner and ignores presses; the label stays for screen readers. */
  busy?: boolean | undefined;
}

export function Button({
  variant,
  size,
  block,
  icon: Icon,
  busy = false,
  className,
  children,
  type = "button",
  disabled,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={cx(buttonClass({ variant, size, block }), className)}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <Spinner size={18} /> : Icon ? <Icon size={size === "s" ? 18 : 20} /> : null}
      {children}
    </button>
  );
}

export interface IconButtonProps extends ComponentPropsWithRef<"button"> {
  icon: IconType;
  /** Spoken and shown as the tooltip. */
  label: string;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  badge?: ReactNode;
}

export function IconButton({
  icon: Icon,
  label,
  variant = "quiet",
  size,
  badge,
  className,
  type = "button",
  ...rest
}: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={cx(buttonClass({ variant, size }), styles.icon, className)}
    >
      <Icon size={size === "s" ? 18 : 22} />
      {badge != null && <span className={styles.badge}>{badge}</span>}
    </button>
  );
}
