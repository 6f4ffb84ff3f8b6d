const place = "calendar.keys";

/** Whether single letters act in the calendar; some people's tools type letters by themselves. */
export function keysAreOn(): boolean {
  try {
    return localStorage.getItem(place) !== "off";
  } catch {
    return true;
  }
}

export function setKeysOn(on: boolean): void {
  try {
    if (on) localStorage.removeItem(place);
    else localStorage.setItem(place, "off");
  } catch {
    // A browser that keeps nothing forgets the choice with the page.
  }
}
