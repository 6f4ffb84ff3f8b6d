import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { SoundIcon } from "../call/icons";
import { chime } from "../call/sounds";
import css from "./devices.module.css";

/** Plays three notes on the chosen speaker, with words for those who hear nothing. */
export function SpeakerTest({ speakerId }: { speakerId: string }) {
  const { t } = useTranslation();
  const [playing, setPlaying] = useState(false);
  const play = async () => {
    setPlaying(true);
    await chime("test", speakerId);
    setPlaying(false);
  };
  return (
    <div className={css.speaker}>
      <Button icon={SoundIcon} disabled={playing} onClick={() => void play()}>
        {t(playing ? "devices.tonePlaying" : "devices.tone")}
      </Button>
      <p className={css.hint}>{t("devices.toneHint")}</p>
    </div>
  );
}
