import { useSyncExternalStore } from "react";
import { IconButton } from "./Button";
import { cx } from "./cx";
import { AlertIcon, CheckIcon, CloseIcon, InfoIcon } from "./icons";
import styles from "./Toast.module.css";
import type { ToastStore } from "./toasts";

const icons = { info: InfoIcon, good: CheckIcon, bad: AlertIcon };

/** Short notes at the lower edge, announced to screen readers. Mount once per page. */
export function Toasts({ store, closeLabel }: { store: ToastStore; closeLabel: string }) {
  const toasts = useSyncExternalStore(store.subscribe, store.getSnapshot);
  return (
    <div className={styles.stack} role="status" aria-live="polite">
      {toasts.map((toast) => {
        const Icon = icons[toast.tone];
        return (
          <div key={toast.id} className={cx(styles.toast, styles[toast.tone])}>
            <Icon size={20} />
            <span className={styles.text}>{toast.text}</span>
            <IconButton
              icon={CloseIcon}
              size="s"
              label={closeLabel}
              onClick={() => store.dismiss(toast.id)}
            />
          </div>
        );
      })}
    </div>
  );
}
