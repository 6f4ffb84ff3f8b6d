/** How many digits a currency has behind the point: JPY none, KWD three. */
export function currencyDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2; // no code that is known here
  }
}

/** An amount in minor units as a field shows it: "1250.5", in KWD "1.250". */
export function priceText(minor: number, currency: string): string {
  const digits = currencyDigits(currency);
  const amount = minor / 10 ** digits;
  return Number.isInteger(amount) ? String(amount) : amount.toFixed(digits);
}

/** What was typed, in minor units; undefined when it is no amount of the currency. */
export function parsePrice(text: string, currency: string): number | undefined {
  const digits = currencyDigits(currency);
  const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(text.trim().replaceAll(/\s/g, ""));
  if (!match) return undefined;
  const [, whole = "", part = ""] = match;
  if (part.length > digits) return undefined;
  return Number(whole + part.padEnd(digits, "0"));
}
