import type { ReactNode } from "react";
import { cx } from "./cx";
import { AlertIcon, CheckIcon, InfoIcon, LockIcon } from "./icons";
import styles from "./Notice.module.css";

const icons = { info: InfoIcon, warn: AlertIcon, bad: AlertIcon, good: CheckIcon, lock: LockIcon };

/** A note inside a page that stays until its cause is gone. */
export function Notice({
  tone = "info",
  title,
  children,
  action,
}: {
  tone?: keyof typeof icons;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const Icon = icons[tone];
  return (
    <div className={cx(styles.notice, styles[tone])} role={tone === "bad" ? "alert" : "note"}>
      <Icon size={20} />
      <div className={styles.text}>
        {title && <strong>{title}</strong>}
        {children && <div>{children}</div>}
      </div>
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
