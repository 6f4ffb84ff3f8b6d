import { useEffect, useState } from "react";

/**
 * Whether the right to see something has run out since it was fetched: at `until`, by this
 * device's clock and without asking anyone, for the line may be down just then. `renew`
 * asks the server, which knows better when that clock is wrong.
 */
export function useOver(
  until: string | undefined,
  fetchedAt: number,
  renew: () => unknown,
): boolean {
  const due = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    if (!Number.isFinite(due)) return;
    const timer = setTimeout(
      () => {
        setPassed(due);
        renew();
      },
      Math.min(Math.max(due - Date.now(), 0), 2 ** 31 - 1),
    );
    return () => clearTimeout(timer);
  }, [due, renew]);
  return passed >= due && fetchedAt < due;
}
