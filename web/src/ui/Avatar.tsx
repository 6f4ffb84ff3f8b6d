import styles from "./Avatar.module.css";
import { cx } from "./cx";

const tints = ["teal", "plum", "amber", "blue", "rose", "moss"] as const;

/** First letters of a person's first and last name; honorifics with a dot are skipped. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word) && !word.endsWith("."));
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => [...(word ?? "")][0]?.toLocaleUpperCase() ?? "").join("");
}

/** The same name always gets the same tint. */
function tint(name: string): (typeof tints)[number] {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return tints[sum % tints.length] ?? "teal";
}

/** A person's initials on a tint of their own; decorative, the name stands beside it. */
export function Avatar({ name, size = 40 }: { name: string; size?: number }) {
  return (
    <span
      className={cx(styles.avatar, styles[tint(name)])}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.38) }}
      data-initials={initials(name)}
      aria-hidden="true"
    />
  );
}
