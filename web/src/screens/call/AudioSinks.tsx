import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import css from "./overlays.module.css";
import { SoundIcon } from "./icons";

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
  const [blocked, setBlocked] = useState(false);
  const elements = useRef(new Set<HTMLAudioElement>());

  const onElement = useCallback((element: HTMLAudioElement) => {
    elements.current.add(element);
    return () => elements.current.delete(element);
  }, []);
  const onBlocked = useCallback(() => setBlocked(true), []);

  const allow = () => {
    setBlocked(false);
    for (const element of elements.current) element.play().catch(onBlocked);
  };

  return (
    <>
      {sounds.map((sound) => (
        <Sink
          key={sound.id}
          track={sound.track}
          speakerId={speakerId}
          onElement={onElement}
          onBlocked={onBlocked}
        />
      ))}
      {blocked && (
        <div className={css.blocked}>
          <Button variant="primary" size="l" icon={SoundIcon} onClick={allow} autoFocus>
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
  onElement,
  onBlocked,
}: {
  track: MediaStreamTrack;
  speakerId: string;
  onElement: (element: HTMLAudioElement) => () => void;
  onBlocked: () => void;
}) {
  const ref = useRef<Sinkable>(null);

  useEffect(() => {
    const audio = ref.current;
    if (!audio) return;
    audio.srcObject = new MediaStream([track]);
    const play = () =>
      audio.play().catch((error: unknown) => {
        // Anything else is a play() that a newer one has overtaken.
        if (error instanceof Error && error.name === "NotAllowedError") onBlocked();
      });
    void play();
    document.addEventListener("visibilitychange", play);
    const forget = onElement(audio);
    return () => {
      forget();
      document.removeEventListener("visibilitychange", play);
      audio.srcObject = null;
    };
  }, [track, onElement, onBlocked]);

  useEffect(() => {
    void ref.current?.setSinkId?.(speakerId).catch(() => undefined);
  }, [speakerId]);

  // biome-ignore lint/a11y/useMediaCaption: a live conversation has no caption track
  return <audio ref={ref} autoPlay data-testid="remote-audio" />;
}
