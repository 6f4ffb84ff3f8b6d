import { type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Corner, cornerAt, nextCorner } from "../../state/callLayout";
import type { TileModel } from "../../state/callTiles";
import { cx } from "../../ui/cx";
import { CornerIcon } from "./icons";
import css from "./stage.module.css";
import { Tile } from "./Tile";

const corners: Record<Corner, string | undefined> = {
  "top-left": css.topLeft,
  "top-right": css.topRight,
  "bottom-left": css.bottomLeft,
  "bottom-right": css.bottomRight,
};

/** One's own picture in a corner; dragged, or moved by its button. */
export function SelfPicture({ tile }: { tile: TileModel }) {
  const { t } = useTranslation();
  const [corner, setCorner] = useState<Corner>("bottom-right");
  const [drag, setDrag] = useState<{ x: number; y: number }>();
  const from = useRef({ x: 0, y: 0 });

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if ((event.target as HTMLElement).closest("button")) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, y: event.clientY };
    setDrag({ x: 0, y: 0 });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (drag) setDrag({ x: event.clientX - from.current.x, y: event.clientY - from.current.y });
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    if (!drag) return;
    setDrag(undefined);
    const stage = event.currentTarget.parentElement?.getBoundingClientRect();
    const own = event.currentTarget.getBoundingClientRect();
    if (!stage) return;
    setCorner(
      cornerAt(own.left + own.width / 2 - stage.left, own.top + own.height / 2 - stage.top, stage),
    );
  };

  return (
    // Dragging is an extra: the button below does the same (WCAG 2.5.7).
    <div
      className={cx(css.self, corners[corner], drag && css.dragging)}
      style={drag && { translate: `${drag.x}px ${drag.y}px` }}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(undefined)}
    >
      <Tile tile={tile} compact />
      <button
        type="button"
        className={css.corner}
        aria-label={t("call.swapCorner")}
        title={t("call.swapCorner")}
        onClick={() => setCorner(nextCorner(corner))}
      >
        <CornerIcon size={18} />
      </button>
    </div>
  );
}
