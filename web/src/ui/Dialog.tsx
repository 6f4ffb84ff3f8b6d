import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./Button";
import { cx } from "./cx";
import styles from "./Dialog.module.css";
import { CloseIcon } from "./icons";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** Spoken name of the closing button. */
  closeLabel: string;
  children: ReactNode;
  /** Buttons at the lower edge; stays in view while the body scrolls. */
  footer?: ReactNode;
  /** `side` slides in from the edge on wide screens, and rises from below on phones. */
  placement?: "centre" | "side";
  className?: string | undefined;
}

/**
 * A modal on the platform's own dialog element: focus stays inside, Escape and a
 * press outside close it, and focus returns to where it came from.
 */
export function Dialog(props: DialogProps) {
  return props.open ? <OpenDialog {...props} /> : null;
}

function OpenDialog({
  onClose,
  title,
  closeLabel,
  children,
  footer,
  placement = "centre",
  className,
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is handled by the element's cancel event
    <dialog
      ref={ref}
      className={cx(styles.dialog, styles[placement], className)}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className={styles.box}>
        <header className={styles.header}>
          <h2 id={titleId} className={styles.title}>
            {title}
          </h2>
          <IconButton icon={CloseIcon} label={closeLabel} onClick={onClose} />
        </header>
        <div className={styles.body}>{children}</div>
        {footer && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </dialog>
  );
}
