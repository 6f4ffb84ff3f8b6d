/**
 * Where a page may lead after a sign-in: a path of this site, or the fallback. Anything
 * that a browser could read as another site is refused.
 */
export function returnTo(wanted: string | null, origin: string, fallback: string): string {
  if (!wanted?.startsWith("/")) return fallback;
  try {
    const url = new URL(wanted, origin);
    const path = url.pathname;
    if (url.origin !== origin || path.startsWith("//") || path.includes("\\")) return fallback;
    return /^\/(sign-in|activate|reset|demo)(\/|$)/.test(path) ? fallback : path;
  } catch {
    return fallback;
  }
}

/** The sign-in page's address that leads back to a path. */
export function signInPath(from: string): string {
  return from === "/" || from === "" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(from)}`;
}
