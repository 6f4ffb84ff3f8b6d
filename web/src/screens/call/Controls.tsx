import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "../../ui/cx";
import {
  ChatIcon,
  type IconType,
  MicIcon,
  MicOffIcon,
  ScreenIcon,
  VideoIcon,
  VideoOffIcon,
} from "../../ui/icons";
import css from "./controls.module.css";
import { FlipIcon, HangUpIcon } from "./icons";

export interface ControlsProps {
  doctor: boolean;
  micMuted: boolean;
  cameraMuted: boolean;
  /** A device is starting or the browser asks: presses wait. */
  cameraBusy: boolean;
  canShare: boolean;
  sharing: boolean;
  canFlip: boolean;
  chatOpen: boolean;
  unread: number;
  shortcuts: boolean;
  /** While the question is open the confirming button is "finish", not this one. */
  finishing: boolean;
  onMic: () => void;
  onCamera: () => void;
  onShare: () => void;
  onFlip: () => void;
  onChat: () => void;
  onLeave: () => void;
  onFinish: () => void;
}

/** The bar of the call. Words stand under the signs wherever there is room for them. */
export function Controls(props: ControlsProps) {
  const { t } = useTranslation();
  const { doctor, micMuted, cameraMuted, sharing, chatOpen, unread, shortcuts } = props;
  const hint = (key: string) => (shortcuts ? key : undefined);
  return (
    <div
      className={cx(css.bar, doctor && css.doctorBar)}
      data-call=""
      role="toolbar"
      aria-label={t("call.controls")}
    >
      <Control
        testId="mute-audio"
        icon={micMuted ? MicOffIcon : MicIcon}
        label={t(micMuted ? "call.mic.unmute" : "call.mic.mute")}
        word={t("call.mic.short")}
        off={micMuted}
        shortcut={hint("M")}
        onPress={props.onMic}
      />
      <Control
        testId="mute-video"
        icon={cameraMuted ? VideoOffIcon : VideoIcon}
        label={t(cameraMuted ? "call.cam.unmute" : "call.cam.mute")}
        word={t("call.cam.short")}
        off={cameraMuted}
        busy={props.cameraBusy}
        shortcut={hint("V")}
        onPress={props.onCamera}
      />
      {props.canFlip && (
        <Control
          testId="flip-camera"
          icon={FlipIcon}
          label={t("call.flip.label")}
          word={t("call.flip.short")}
          onPress={props.onFlip}
        />
      )}
      {props.canShare && (
        <Control
          testId="share-screen"
          icon={ScreenIcon}
          label={t(sharing ? "call.share.stop" : "call.share.start")}
          word={t("call.share.short")}
          lit={sharing}
          pressed={sharing}
          onPress={props.onShare}
        />
      )}
      <Control
        testId="chat-toggle"
        icon={ChatIcon}
        label={t(chatOpen ? "call.chat.close" : "call.chat.open")}
        word={t("call.chat.short")}
        lit={chatOpen}
        pressed={chatOpen}
        shortcut={hint("C")}
        badge={
          unread > 0 && (
            <>
              <span aria-hidden="true">{unread > 9 ? "9+" : unread}</span>
              <span className="sr-only">{t("call.chat.unread", { n: unread })}</span>
            </>
          )
        }
        onPress={props.onChat}
      />
      <span className={css.gap} />
      <button
        type="button"
        data-testid="leave"
        className={cx(css.end, doctor && css.quiet)}
        onClick={props.onLeave}
      >
        <HangUpIcon size={24} />
        <span className={css.endWord}>{t("call.leave")}</span>
      </button>
      {doctor && (
        <button
          type="button"
          data-testid={props.finishing ? undefined : "finish"}
          className={cx(css.end, css.finish)}
          title={t("call.finishLong")}
          onClick={props.onFinish}
        >
          <span>{t("call.finish")}</span>
        </button>
      )}
    </div>
  );
}

function Control({
  testId,
  icon: Icon,
  label,
  word,
  off = false,
  lit = false,
  busy = false,
  pressed,
  shortcut,
  badge,
  onPress,
}: {
  testId: string;
  icon: IconType;
  label: string;
  word: string;
  off?: boolean;
  lit?: boolean;
  busy?: boolean;
  pressed?: boolean;
  shortcut?: string | undefined;
  badge?: ReactNode;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      data-testid={testId}
      className={cx(css.control, off && css.off, lit && css.lit, busy && css.busy)}
      // What is written on it comes first in its name: people who speak to their device say that.
      aria-label={
        label.toLocaleLowerCase().includes(word.toLocaleLowerCase()) ? label : `${word}: ${label}`
      }
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      title={shortcut ? `${label} (${shortcut})` : label}
      onClick={onPress}
    >
      <span className={css.disc}>
        <Icon size={24} />
        {badge && <span className={css.badge}>{badge}</span>}
      </span>
      <span className={css.word} aria-hidden="true">
        {word}
        {shortcut && <kbd className={css.key} data-key={shortcut} />}
      </span>
    </button>
  );
}
