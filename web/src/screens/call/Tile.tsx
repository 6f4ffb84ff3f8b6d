import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TileModel } from "../../state/callTiles";
import { Avatar } from "../../ui/Avatar";
import { cx } from "../../ui/cx";
import { MicOffIcon, VideoOffIcon } from "../../ui/icons";
import css from "./tile.module.css";
import { VideoView } from "./VideoView";

interface Props {
  tile: TileModel;
  /** Small tiles show less text. */
  compact?: boolean;
  /** The name stands at the upper edge. */
  raised?: boolean;
  onView?: (trackId: string, height: number, visible: boolean) => void;
}

/** One person: picture or initials, name, mute mark, speaking ring. */
export function Tile({ tile, compact, raised, onView }: Props) {
  const { t } = useTranslation();
  const [stalled, setStalled] = useState(false);
  const { camera } = tile;
  const trackId = camera?.id;
  const onHeight = useCallback(
    (height: number) => {
      if (trackId) onView?.(trackId, height, height > 0);
    },
    [trackId, onView],
  );
  const name = tile.self ? t("call.you") : tile.name;
  const showPicture = camera?.track && !camera.muted;
  return (
    <div
      className={cx(
        css.tile,
        tile.speaking && css.speaking,
        compact && css.compact,
        raised && css.raised,
      )}
    >
      {showPicture && camera.track ? (
        <VideoView
          // A new track needs a new element: some browsers keep the last frame of the old one.
          key={camera.track.id}
          track={camera.track}
          testId={tile.self ? "local-video" : "remote-video"}
          mirror={tile.self && tile.mirror}
          {...(tile.self ? {} : { onStalled: setStalled, onHeight })}
        />
      ) : (
        <div className={css.placeholder}>
          <Avatar name={tile.name} size={compact ? 48 : 96} />
          {!compact && camera?.muted !== false && (
            <span className={css.note}>
              <VideoOffIcon size={18} /> {t("call.cameraOff")}
            </span>
          )}
        </div>
      )}
      {showPicture && stalled && (
        <div className={css.paused}>
          <Avatar name={tile.name} size={compact ? 48 : 96} />
          <strong>{t("call.cameraPaused", { name })}</strong>
          {!compact && <span className={css.pausedHint}>{t("call.cameraPausedHint")}</span>}
        </div>
      )}
      <div className={css.tag}>
        {tile.micMuted && (
          <span className={css.tagMuted} title={t("call.muted")}>
            <MicOffIcon size={16} />
            <span className="sr-only">{t("call.muted")}</span>
          </span>
        )}
        <span className={css.tagName}>{name}</span>
        {!compact && !tile.self && (
          <span className={css.tagRole}>{t(`call.role.${tile.role}`, { defaultValue: "" })}</span>
        )}
      </div>
    </div>
  );
}
