import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Playback } from "../../rtc";
import { Button } from "../../ui/Button";
import { SoundIcon } from "./icons";
import css from "./overlays.module.css";

type Sinkable = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

/** Plays everybody's sound, and asks for a press where the browser refuses to begin by itself. */
export function AudioSinks({
  sounds,
  speakerId,
}: {
  sounds: { id: string; track: MediaStreamTrack }[];
  speakerId: string;
}) {
  const { t } = useTranslation();
  const [playback] = useState(() => new Playback());
  const blocked = useSyncExternalStore(playback.subscribe, playback.blocked);
  return (
    <>
      {sounds.map((sound) => (
        <Sink key={sound.id} track={sound.track} speakerId={speakerId} playback={playback} />
      ))}
      {blocked && (
        <div className={css.blocked}>
          <Button
            variant="primary"
            size="l"
            icon={SoundIcon}
            autoFocus
            data-testid="play"
            onClick={() => void playback.resume()}
          >
            {t("call.playBlocked")}
          </Button>
          <span>{t("call.playBlockedHint")}</span>
        </div>
      )}
    </>
  );
}

function Sink({
  track,
  speakerId,
  playback,
}: {
  track: MediaStreamTrack;
  speakerId: string;
  playback: Playback;
}) {
  const ref = useRef<Sinkable>(null);

  useEffect(() => {
    const audio = ref.current;
    if (!audio) return;
    const stop = playback.attach(audio, [track]);
    return () => {
      stop();
      audio.srcObject = null;
    };
  }, [track, playback]);

  useEffect(() => {
    void ref.current?.setSinkId?.(speakerId).catch(() => undefined);
  }, [speakerId]);

  // biome-ignore lint/a11y/useMediaCaption: a live conversation has no caption track
  return <audio ref={ref} autoPlay data-testid="remote-audio" />;
}
