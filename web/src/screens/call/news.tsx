import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../../rtc";
import { news } from "../../state/callTiles";
import { chime } from "./sounds";

const shownMs = 5000;

/**
 * What has just happened in the room, as one sentence that is both shown and announced.
 * Comings and messages also sound, if the person wants that.
 */
export function useNews(
  state: CallState,
  sounds: boolean,
  speakerId: string,
): [string, (text: string) => void] {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const before = useRef(state);

  useEffect(() => {
    const found = news(before.current, state);
    before.current = state;
    const last = found.at(-1);
    if (!last) return;
    setText(found.map((one) => t(`call.live.${one.kind}`, { name: one.name })).join(". "));
    if (!sounds) return;
    if (found.some((one) => one.kind === "waiting" || one.kind === "joined")) {
      void chime("arrived", speakerId);
    } else if (found.some((one) => one.kind === "message")) {
      void chime("message", speakerId);
    }
  }, [state, sounds, speakerId, t]);

  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => setText(""), shownMs);
    return () => clearTimeout(timer);
  }, [text]);

  return [text, setText];
}
