import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import css from "./devices.module.css";
import { heardFrom, loudness, settle } from "./level";

/** How long after the last word the words "we hear you" stay, in milliseconds. */
const lingerMs = 2500;

/** A bar that moves with the person's voice, and the same in words. */
export function MicMeter({ track, muted }: { track: MediaStreamTrack; muted: boolean }) {
  const { t } = useTranslation();
  const bar = useRef<HTMLDivElement>(null);
  const [heard, setHeard] = useState(false);

  useEffect(() => {
    const context = new AudioContext();
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    source.connect(analyser);
    // Without a press on the page some browsers start the context asleep.
    const wake = () => void context.resume().catch(() => undefined);
    wake();
    document.addEventListener("pointerdown", wake);
    const samples = new Float32Array(analyser.fftSize);
    let shown = 0;
    let heardAt = 0;
    let frame = 0;
    const draw = () => {
      analyser.getFloatTimeDomainData(samples);
      shown = settle(shown, loudness(samples));
      bar.current?.style.setProperty("--level", shown.toFixed(3));
      const now = performance.now();
      if (shown > heardFrom) heardAt = now;
      setHeard(heardAt > 0 && now - heardAt < lingerMs);
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener("pointerdown", wake);
      source.disconnect();
      void context.close();
    };
  }, [track]);

  const words = t(muted ? "devices.micOff" : heard ? "devices.heard" : "devices.speak");
  return (
    <div className={css.meterBox}>
      <div ref={bar} className={css.meter} data-heard={heard && !muted} aria-hidden="true">
        <span className={css.meterFill} />
      </div>
      <p className={css.meterWords} aria-live="polite">
        {words}
      </p>
    </div>
  );
}
