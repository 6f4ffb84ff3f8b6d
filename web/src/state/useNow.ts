import { useEffect, useState } from "react";

/** The present time, renewed at each full step of the clock. */
export function useNow(stepMs = 30_000): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const arm = () => {
      timer = setTimeout(
        () => {
          setNow(new Date());
          arm();
        },
        stepMs - (Date.now() % stepMs),
      );
    };
    arm();
    return () => clearTimeout(timer);
  }, [stepMs]);
  return now;
}
