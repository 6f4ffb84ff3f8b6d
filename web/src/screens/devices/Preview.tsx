import { useTranslation } from "react-i18next";
import type { LocalMedia, MediaState } from "../../state/callMedia";
import { Avatar } from "../../ui/Avatar";
import { cx } from "../../ui/cx";
import { MicIcon, MicOffIcon, VideoIcon, VideoOffIcon } from "../../ui/icons";
import { Spinner } from "../../ui/Spinner";
import { VideoView } from "../call/VideoView";
import css from "./devices.module.css";

interface Props {
  name: string;
  state: MediaState;
  onMic: (muted: boolean) => void;
  onCamera: (muted: boolean) => void;
}

/** One's own picture before the call, with both switches on it. */
export function Preview({ name, state, onMic, onCamera }: Props) {
  const { t } = useTranslation();
  const { camera, take, asking, micMuted, cameraMuted, microphone } = state;
  const cameraOff = !camera || cameraMuted || take !== "video";
  const micOff = micMuted || !microphone;
  return (
    <div className={css.preview}>
      {camera && !cameraOff ? (
        <VideoView
          key={camera.id}
          track={camera}
          testId="local-video"
          mirror={state.facing === "user"}
        />
      ) : (
        <div className={css.previewOff}>
          {asking ? <Spinner size={36} /> : <Avatar name={name} size={88} />}
          <span>{t(asking ? "call.joining" : "devices.previewOff")}</span>
        </div>
      )}
      {take !== "chat" && (
        <div className={css.switches}>
          <button
            type="button"
            data-testid="mute-audio"
            className={cx(css.switch, micOff && css.switchOff)}
            aria-label={t(micOff ? "call.mic.unmute" : "call.mic.mute")}
            title={t(micOff ? "call.mic.unmute" : "call.mic.mute")}
            onClick={() => onMic(!micOff)}
          >
            {micOff ? <MicOffIcon size={24} /> : <MicIcon size={24} />}
          </button>
          <button
            type="button"
            data-testid="mute-video"
            className={cx(css.switch, cameraOff && css.switchOff)}
            aria-label={t(cameraOff ? "call.cam.unmute" : "call.cam.mute")}
            title={t(cameraOff ? "call.cam.unmute" : "call.cam.mute")}
            onClick={() => onCamera(!cameraOff)}
          >
            {cameraOff ? <VideoOffIcon size={24} /> : <VideoIcon size={24} />}
          </button>
        </div>
      )}
    </div>
  );
}

/** Switches of the preview that act on the devices alone, before there is a call. */
export function deviceSwitches(media: LocalMedia): Pick<Props, "onMic" | "onCamera"> {
  return {
    onMic: (muted) => void media.setMicMuted(muted),
    onCamera: (muted) => void media.setCameraMuted(muted),
  };
}
