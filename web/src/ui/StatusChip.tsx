import { useTranslation } from "react-i18next";
import { cx } from "./cx";
import styles from "./StatusChip.module.css";
import { statusLook } from "./status";
import tones from "./tones.module.css";

/** The state of an appointment as colour, icon and word, the same on every screen. */
export function StatusChip({
  status,
  age,
  compact = false,
}: {
  status: string;
  /** How long it has been so, already in words. */
  age?: string | undefined;
  compact?: boolean;
}) {
  const { t } = useTranslation();
  const { tone, icon: Icon } = statusLook(status);
  return (
    <span className={cx(styles.chip, tones[tone], compact && styles.compact)} data-status={status}>
      <Icon size={compact ? 14 : 16} />
      {t(`status.${status}`, { defaultValue: status })}
      {age && <span className={styles.age}>{age}</span>}
    </span>
  );
}
