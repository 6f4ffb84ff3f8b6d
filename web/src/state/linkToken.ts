let kept = "";

/**
 * Takes a link's secret out of the address: it must not stay in the history. Called before
 * the first render, as the page that needs it arrives later; it then answers the same.
 */
export function takeToken(): string {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token) {
    kept = token;
    history.replaceState(history.state, "", location.pathname);
  }
  return kept;
}

/** Takes the secret at once where links lead; one followed on its own page starts it anew. */
export function watchLinks(): void {
  if (!/^\/(activate|reset)\/?$/.test(location.pathname)) return;
  takeToken();
  window.addEventListener("hashchange", () => location.reload());
}
