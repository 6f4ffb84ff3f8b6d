import { type ReactNode, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { arrange, type Box } from "../../state/callLayout";
import type { Share, TileModel } from "../../state/callTiles";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { ScreenIcon } from "../../ui/icons";
import { SelfPicture } from "./SelfPicture";
import css from "./stage.module.css";
import { Tile } from "./Tile";
import { useRoomSize } from "./useRoomSize";
import { VideoView } from "./VideoView";

interface Props {
  tiles: TileModel[];
  share: Share | undefined;
  /** Shown in the middle while nobody else is here. */
  alone: ReactNode;
  /** Takes part in writing only: no pictures of one's own. */
  silent: boolean;
  onView: (trackId: string, height: number, visible: boolean) => void;
  onStopShare: () => void;
}

const gap = 8;
/** A stage narrower than this has no room for a name beside one's own picture. */
const narrow = 480;
/** Below this width or height a tile shows less text. */
const small = { width: 220, height: 140 };

/** The pictures of everybody, placed by state/callLayout. */
export function Stage({ tiles, share, alone, silent, onView, onStopShare }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const size = useRoomSize(ref);
  const layout = useMemo(
    () => arrange(tiles, share !== undefined, { ...size, gap }),
    [tiles, share, size],
  );
  const byId = new Map(tiles.map((tile) => [tile.id, tile]));
  const self = tiles.find((tile) => tile.self);

  return (
    <div ref={ref} className={css.stage} data-layout={layout.mode}>
      {layout.mode === "alone" && <div className={css.alone}>{alone}</div>}
      {share && layout.share && (
        <div className={css.place} style={placed(layout.share)}>
          <Shared share={share} onView={onView} onStop={onStopShare} />
        </div>
      )}
      {layout.seats.map(({ id, box }) => {
        const tile = byId.get(id);
        return (
          tile && (
            <div
              key={id}
              className={cx(css.place, layout.mode === "pair" && css.whole)}
              style={placed(box)}
            >
              <Tile
                tile={tile}
                compact={box.width < small.width || box.height < small.height}
                raised={layout.mode === "pair" && box.width < narrow}
                onView={onView}
              />
            </div>
          )
        );
      })}
      {layout.floating && self && !silent && <SelfPicture tile={self} />}
    </div>
  );
}

function placed(box: Box) {
  return { left: box.x, top: box.y, width: box.width, height: box.height };
}

function Shared({
  share,
  onView,
  onStop,
}: {
  share: Share;
  onView: Props["onView"];
  onStop: () => void;
}) {
  const { t } = useTranslation();
  if (share.self) {
    return (
      <div className={css.ownShare}>
        <ScreenIcon size={40} />
        <strong>{t("call.sharingYou")}</strong>
        <Button onClick={onStop}>{t("call.stopSharing")}</Button>
      </div>
    );
  }
  return (
    <div className={css.shared}>
      {share.track && (
        <VideoView
          key={share.track.id}
          track={share.track}
          testId="remote-screen"
          fit="contain"
          onHeight={(height) => onView(share.id, height, height > 0)}
        />
      )}
      <span className={css.shareTag}>{t("call.sharing", { name: share.name })}</span>
    </div>
  );
}
