import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMedia } from "../../state/callHooks";
import type { LocalMedia, MediaState } from "../../state/callMedia";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { ChatIcon, CheckIcon, ChevronLeftIcon } from "../../ui/icons";
import { useTitle } from "../call/useTitle";
import css from "./devices.module.css";
import { Fault } from "./Fault";
import { MicMeter } from "./MicMeter";
import { Pickers } from "./Pickers";
import { deviceSwitches, Preview } from "./Preview";
import { SpeakerTest } from "./SpeakerTest";

/** Shows that camera, microphone and speaker work. It advises and never stands in the way. */
export function DeviceCheck({
  media,
  name,
  onGo,
  onBack,
}: {
  media: LocalMedia;
  name: string;
  onGo: () => void;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const state = useMedia(media);
  const switches = useMemo(() => deviceSwitches(media), [media]);
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(t("call.title.devices"));

  useEffect(() => {
    void media.open();
    heading.current?.focus();
  }, [media]);

  const { take, asking, microphone } = state;
  const faulty = faults(state);
  const ready = !asking && !faulty;

  return (
    <main className={css.check} id="main">
      <Button variant="quiet" size="s" icon={ChevronLeftIcon} className={css.back} onClick={onBack}>
        {t("devices.goBack")}
      </Button>
      <h1 ref={heading} tabIndex={-1} className={css.title}>
        {t(
          take === "chat"
            ? "devices.chatTitle"
            : take === "audio"
              ? "devices.soundTitle"
              : "devices.title",
        )}
      </h1>
      {take !== "chat" && (
        <p className={css.lead}>
          {t(asking ? "devices.asking" : take === "audio" ? "devices.soundLead" : "devices.lead")}
        </p>
      )}
      {faulty && !asking && <Fault {...faulty} busy={asking} onAgain={() => void media.mend()} />}
      <div className={css.columns}>
        {take === "chat" ? (
          <p className={css.writing}>
            <ChatIcon size={32} />
            {t("devices.chatTake")}
          </p>
        ) : (
          <Preview name={name} state={state} {...switches} />
        )}
        <div className={css.side}>
          {take !== "chat" && microphone && (
            <section>
              <h2 className={css.part}>{t("devices.microphone")}</h2>
              <MicMeter track={microphone} muted={state.micMuted} />
            </section>
          )}
          {take !== "chat" && (
            <section>
              <h2 className={css.part}>{t("devices.speaker")}</h2>
              <SpeakerTest speakerId={state.speakerId} />
            </section>
          )}
          {(state.camera || microphone) && (
            <details className={css.more}>
              <summary>{t("devices.choose")}</summary>
              <Pickers media={media} state={state} />
            </details>
          )}
        </div>
      </div>
      <div className={cx(css.foot, !faulty && css.held)}>
        {ready && take === "video" && (
          <p className={css.ready} role="status">
            <CheckIcon size={22} /> <strong>{t("devices.ready")}</strong>
          </p>
        )}
        <Button variant="primary" size="l" data-testid="join" className={css.go} onClick={onGo}>
          {t("devices.go")}
        </Button>
        <OtherWays state={state} open={faulty !== undefined} media={media} />
      </div>
    </main>
  );
}

/** The fault to name: one sentence for both halves when they share it. */
function faults(
  state: MediaState,
):
  | { fault: NonNullable<MediaState["cameraFault"]>; part: "camera" | "microphone" | "both" }
  | undefined {
  const { cameraFault, microphoneFault, camera, microphone } = state;
  if (microphoneFault) {
    return { fault: microphoneFault, part: camera && !cameraFault ? "microphone" : "both" };
  }
  if (cameraFault) return { fault: cameraFault, part: microphone ? "camera" : "both" };
  return undefined;
}

function OtherWays({
  state,
  open,
  media,
}: {
  state: MediaState;
  open: boolean;
  media: LocalMedia;
}) {
  const { t } = useTranslation();
  return (
    <details className={css.ways} open={open}>
      <summary>{t("devices.otherWays")}</summary>
      <div className={css.waysRow}>
        {state.take !== "video" && (
          <Button onClick={() => void media.open("video")}>{t("devices.withCamera")}</Button>
        )}
        {state.take !== "audio" && (
          <Button onClick={() => void media.open("audio")}>{t("devices.withoutCamera")}</Button>
        )}
        {state.take !== "chat" && (
          <Button onClick={() => void media.open("chat")}>{t("devices.chatOnly")}</Button>
        )}
      </div>
    </details>
  );
}
