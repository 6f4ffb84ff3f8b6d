import { type CSSProperties, useEffect, useRef, useState } from "react";
import { cx } from "../../ui/cx";
import css from "./tile.module.css";

interface Props {
  track: MediaStreamTrack;
  testId: string;
  mirror?: boolean;
  /** "contain" shows the whole picture (shared screens), "cover" fills the tile. */
  fit?: "cover" | "contain";
  /** Told when the picture stands still though the camera should be on. */
  onStalled?: (stalled: boolean) => void;
  /** Told the height in device pixels at which the picture is shown. */
  onHeight?: (height: number) => void;
  style?: CSSProperties;
}

/** A picture that got no new frame for this long counts as paused. */
const stallMs = 3000;
const checkMs = 1000;

/** One moving picture. Sound never goes through it, so autoplay is always allowed. */
export function VideoView({
  track,
  testId,
  mirror,
  fit = "cover",
  onStalled,
  onHeight,
  style,
}: Props) {
  const ref = useRef<HTMLVideoElement>(null);
  const [shown, setShown] = useState(false);

  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    const stream = new MediaStream([track]);
    video.srcObject = stream;
    const play = () => void video.play().catch(() => undefined);
    play();
    // iOS pauses a video when the page was hidden and does not resume it.
    document.addEventListener("visibilitychange", play);
    return () => {
      document.removeEventListener("visibilitychange", play);
      video.srcObject = null;
    };
  }, [track]);

  useEffect(() => {
    const video = ref.current;
    if (!video || !onStalled) return;
    let frames = -1;
    let movedAt = performance.now();
    const check = () => {
      // A hidden page draws nothing: that says nothing about the other side.
      if (document.hidden) {
        movedAt = performance.now();
        return;
      }
      const now = video.getVideoPlaybackQuality?.().totalVideoFrames ?? video.currentTime;
      if (now !== frames) {
        frames = now;
        movedAt = performance.now();
      }
      onStalled(performance.now() - movedAt > stallMs);
    };
    const timer = setInterval(check, checkMs);
    return () => {
      clearInterval(timer);
      onStalled(false);
    };
  }, [onStalled]);

  useEffect(() => {
    const video = ref.current;
    if (!video || !onHeight) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) onHeight(Math.round(entry.contentRect.height * devicePixelRatio));
    });
    observer.observe(video);
    return () => observer.disconnect();
  }, [onHeight]);

  return (
    <video
      ref={ref}
      data-testid={testId}
      className={cx(
        css.video,
        mirror && css.mirror,
        fit === "contain" && css.contain,
        shown && css.shown,
      )}
      onLoadedData={() => setShown(true)}
      style={style}
      autoPlay
      muted
      playsInline
      disablePictureInPicture={mirror ?? false}
      tabIndex={-1}
    />
  );
}
