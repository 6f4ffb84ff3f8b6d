/** Calls back when the device may have got another way to the network; returns how to stop. */
export type NetworkHints = (changed: () => void) => () => void;

interface ConnectionHints {
  addEventListener?(type: "change", listener: () => void): void;
  removeEventListener?(type: "change", listener: () => void): void;
}

/**
 * The browser's hints: it is online again, the connection has another type, or the page is back
 * in the foreground (where phones resume what they had frozen). Quiet where there are none.
 */
export const browserHints: NetworkHints = (changed) => {
  if (typeof window === "undefined" || typeof document === "undefined") {
    return () => {};
  }
  const connection = (navigator as Navigator & { connection?: ConnectionHints }).connection;
  const visible = () => {
    if (document.visibilityState === "visible") {
      changed();
    }
  };
  window.addEventListener("online", changed);
  document.addEventListener("visibilitychange", visible);
  connection?.addEventListener?.("change", changed);
  return () => {
    window.removeEventListener("online", changed);
    document.removeEventListener("visibilitychange", visible);
    connection?.removeEventListener?.("change", changed);
  };
};
