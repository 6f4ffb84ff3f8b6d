type Rgb = [number, number, number];

function parse(hex: string): Rgb | null {
  const m = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex.trim());
  if (!m) return null;
  return [m[1], m[2], m[3]].map((part) => Number.parseInt(part ?? "0", 16)) as Rgb;
}

const format = (rgb: Rgb) =>
  `#${rgb.map((v) => Math.round(v).toString(16).padStart(2, "0")).join("")}`;

const mix = (a: Rgb, b: Rgb, share: number): Rgb =>
  a.map((v, i) => v + ((b[i] ?? 0) - v) * share) as Rgb;

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG contrast ratio of two colours given as #rrggbb. */
export function contrast(a: string, b: string): number {
  const x = luminance(parse(a) ?? [0, 0, 0]);
  const y = luminance(parse(b) ?? [0, 0, 0]);
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const black: Rgb = [14, 24, 22];
const white: Rgb = [255, 255, 255];

/** The token set that follows from a clinic's colour; null when it is no #rrggbb. */
export function accentTokens(hex: string): Record<string, string> | null {
  const asked = parse(hex);
  if (!asked) return null;
  // A pale brand colour is darkened until white text on it is readable.
  let accent = asked;
  while (contrast(format(accent), "#ffffff") < 4.6) accent = mix(accent, black, 0.06);
  const strong = mix(accent, black, 0.22);
  return {
    "--accent": format(accent),
    "--accent-strong": format(strong),
    "--accent-soft": format(mix(accent, white, 0.88)),
    "--on-accent": "#ffffff",
    "--focus": format(strong),
  };
}

/** Paints the page in the clinic's colour; an unusable colour leaves the default. */
export function applyAccent(hex: string | undefined, style = document.documentElement.style): void {
  const tokens = hex ? accentTokens(hex) : null;
  for (const [name, value] of Object.entries(tokens ?? {})) style.setProperty(name, value);
}
