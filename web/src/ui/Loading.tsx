import styles from "./Loading.module.css";
import { Spinner } from "./Spinner";

/** A whole page or panel that is on its way; shown after a moment, not to flicker. */
export function Loading({ label }: { label: string }) {
  return (
    <div className={styles.loading} role="status">
      <Spinner size={32} />
      <span>{label}</span>
    </div>
  );
}
