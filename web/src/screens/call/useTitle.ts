import { useEffect } from "react";

/** The tab's title while mounted. Titles enter the browser's history, so no names in them. */
export function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = title;
    return () => {
      document.title = before;
    };
  }, [title]);
}
