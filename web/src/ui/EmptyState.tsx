import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";
import type { IconType } from "./icons";

export interface EmptyStateProps {
  icon?: IconType;
  title: ReactNode;
  children?: ReactNode;
  /** What the person can do about it. */
  action?: ReactNode;
  /** Heading level; 1 when this is the whole page. */
  level?: 1 | 2 | 3;
  /** Announce at once, for failures. */
  alert?: boolean;
}

/** What a page or panel says when it has nothing to show, and what to do next. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
  level = 2,
  alert = false,
}: EmptyStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={styles.empty} role={alert ? "alert" : undefined}>
      {Icon && (
        <span className={styles.icon}>
          <Icon size={26} />
        </span>
      )}
      <Heading className={styles.title}>{title}</Heading>
      {children && <div className={styles.text}>{children}</div>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
