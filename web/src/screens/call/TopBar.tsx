import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quality } from "../../rtc";
import { type QualityWord, qualityBars, qualityWord } from "../../state/callQuality";
import { cx } from "../../ui/cx";
import { SettingsIcon } from "../../ui/icons";
import { AddPersonIcon } from "./icons";
import css from "./topbar.module.css";

interface Props {
  quality: Quality;
  media: string;
  reconnecting: boolean;
  /** When the consultation began, RFC 3339; no clock without it. */
  since: string | undefined;
  doctor: boolean;
  onInvite: () => void;
  onSettings: () => void;
  children?: ReactNode;
}

/** The line over the pictures: connection, time, settings. */
export function TopBar(props: Props) {
  const { t } = useTranslation();
  return (
    <div className={css.bar}>
      <QualityMark {...props} />
      {props.since && <Clock since={props.since} />}
      <span className={css.fill} />
      {props.doctor && (
        <button
          type="button"
          className={css.button}
          data-testid="invite"
          aria-label={t("call.invite.button")}
          title={t("call.invite.button")}
          onClick={props.onInvite}
        >
          <AddPersonIcon size={22} />
          <span className={css.word}>{t("call.invite.button")}</span>
        </button>
      )}
      <button
        type="button"
        className={css.button}
        data-testid="settings"
        aria-label={t("call.settings.open")}
        title={t("call.settings.open")}
        onClick={props.onSettings}
      >
        <SettingsIcon size={22} />
        <span className={css.word}>{t("call.settings.short")}</span>
      </button>
    </div>
  );
}

const hints: Record<QualityWord, string> = {
  good: "call.quality.hintGood",
  fair: "call.quality.hintFair",
  poor: "call.quality.hintPoor",
  lost: "call.quality.hintLost",
  unknown: "call.quality.hintGood",
};

/** Three bars and a word; a press shows what to do and the figures behind it. */
function QualityMark({
  quality,
  media,
  reconnecting,
}: Pick<Props, "quality" | "media" | "reconnecting">) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const loss = Math.max(quality.lossPct ?? 0, quality.lossUpPct ?? 0);
  const lossKnown = quality.lossPct !== null || quality.lossUpPct !== null;
  const word = qualityWord({
    media,
    reconnecting,
    rttMs: quality.rttMs ?? undefined,
    lossPct: lossKnown ? loss : undefined,
  });
  const lit = qualityBars(word);
  const label = t("call.quality.label", { word: t(`call.quality.${word}`) });

  useEffect(() => {
    if (!open) return;
    const away = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("keydown", onKey);
    };
  }, [open]);

  return (
    <div ref={box} className={css.quality}>
      <button
        type="button"
        className={cx(css.button, css[word])}
        aria-expanded={open}
        aria-controls={id}
        aria-label={label}
        onClick={() => setOpen(!open)}
      >
        <svg viewBox="0 0 20 16" width="20" height="16" aria-hidden="true">
          {[0, 1, 2].map((bar) => (
            <rect
              key={bar}
              x={1 + bar * 6.5}
              y={10 - bar * 4.5}
              width="4"
              height={5.5 + bar * 4.5}
              rx="1.3"
              className={bar < lit ? css.barOn : css.barOff}
            />
          ))}
        </svg>
        <span className={css.qualityWord}>{label}</span>
      </button>
      <div id={id} className={css.popover} hidden={!open}>
        <strong>{label}</strong>
        <p>{t(hints[word])}</p>
        <p className="tnum">
          {quality.rttMs !== null && (
            <span>{t("call.quality.rtt", { ms: Math.round(quality.rttMs) })}</span>
          )}
          {lossKnown && <span>{t("call.quality.loss", { pct: Math.round(loss) })}</span>}
        </p>
      </div>
    </div>
  );
}

/** Time since the consultation began; not announced, it would never be silent. */
function Clock({ since }: { since: string }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.floor((now - new Date(since).getTime()) / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const text = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return (
    <time className={cx(css.clock, "tnum")} title={t("call.timer")}>
      {hours > 0 ? `${hours}:${text}` : text}
    </time>
  );
}
