import { initials } from "../../state/callTiles";
import css from "./tile.module.css";

/** Initials in a disc, its hue following from the identity so that it stays the person's own. */
export function Avatar({ id, name, small }: { id: string; name: string; small?: boolean }) {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 360;
  return (
    <span
      aria-hidden="true"
      className={small ? css.avatarSmall : css.avatar}
      style={{ "--hue": String(sum) } as React.CSSProperties}
    >
      {initials(name)}
    </span>
  );
}
