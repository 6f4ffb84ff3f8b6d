import { useEffect, useRef, useSyncExternalStore } from "react";
import { IconButton } from "./Button";
import { cx } from "./cx";
import { AlertIcon, CheckIcon, CloseIcon, InfoIcon } from "./icons";
import styles from "./Toast.module.css";
import type { ToastStore } from "./toasts";

const icons = { info: InfoIcon, good: CheckIcon, bad: AlertIcon };

/** Short notes at the lower edge, in a call at the upper, announced to screen readers. Mount once per page. */
export function Toasts({ store, closeLabel }: { store: ToastStore; closeLabel: string }) {
  const toasts = useSyncExternalStore(store.subscribe, store.getSnapshot);
  const stack = useRef<HTMLDivElement>(null);

  // A popover shown anew lies above a modal dialog; browsers without it draw in place.
  useEffect(() => {
    const element = stack.current;
    if (!element || typeof element.showPopover !== "function") return;
    if (element.matches(":popover-open")) element.hidePopover();
    if (toasts.length > 0) element.showPopover();
  }, [toasts]);

  return (
    <div ref={stack} popover="manual" className={styles.stack} role="status" aria-live="polite">
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
