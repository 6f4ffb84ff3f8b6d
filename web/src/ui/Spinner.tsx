import styles from "./Spinner.module.css";

/** A turning ring; decorative, so say the state in words beside it. */
export function Spinner({ size = 24 }: { size?: number }) {
  return (
    <svg
      className={styles.spinner}
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <circle cx="12" cy="12" r="9" fill="none" strokeWidth="2.6" className={styles.track} />
      <path d="M12 3a9 9 0 0 1 9 9" fill="none" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}

/** Placeholder lines in the shape of what is being loaded. */
export function Skeleton({ lines = 3, label }: { lines?: number; label: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, i) => `line-${i}`).map((key) => (
        <div key={key} className={styles.line} />
      ))}
    </div>
  );
}
