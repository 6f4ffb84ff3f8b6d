/** network: the device has another way to the network; foreground: the page is looked at again. */
export type NetworkHint = "network" | "foreground";

/** Calls back with each hint; returns how to stop. */
export type NetworkHints = (hint: (what: NetworkHint) => void) => () => void;

interface ConnectionHints {
  /** wifi, cellular, …; absent on desktops. */
  type?: string;
  addEventListener?(type: "change", listener: () => void): void;
  removeEventListener?(type: "change", listener: () => void): void;
}

/**
 * The browser's hints: it is online again, the connection has another type, or the page is back
 * in the foreground (where phones resume what they had frozen). Quiet where there are none.
 */
export const browserHints: NetworkHints = (hint) => {
  if (typeof window === "undefined" || typeof document === "undefined") {
    return () => {};
  }
  const online = () => hint("network");
  const visible = () => {
    if (document.visibilityState === "visible") {
      hint("foreground");
    }
  };
  const { connection } = navigator as Navigator & { connection?: ConnectionHints };
  let type = connection?.type;
  // The event also comes when the browser's estimate of the speed changes.
  const changed = () => {
    if (connection?.type !== type) {
      type = connection?.type;
      hint("network");
    }
  };
  window.addEventListener("online", online);
  document.addEventListener("visibilitychange", visible);
  connection?.addEventListener?.("change", changed);
  return () => {
    window.removeEventListener("online", online);
    document.removeEventListener("visibilitychange", visible);
    connection?.removeEventListener?.("change", changed);
  };
};
