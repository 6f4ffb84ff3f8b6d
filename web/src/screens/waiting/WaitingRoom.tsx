import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useMedia, useSession } from "../../state/callHooks";
import type { CallSession } from "../../state/callSession";
import { useNow } from "../../state/useNow";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { useTitle } from "../call/useTitle";
import { useWakeLock } from "../call/useWakeLock";
import { Preview } from "../devices/Preview";
import { waitingLine } from "./line";
import css from "./waiting.module.css";

/** How often the words about time are looked at, in milliseconds. */
const stepMs = 10_000;

/** The calm room before the call. It changes by itself; nothing here needs a press. */
export function WaitingRoom({
  session,
  appointment,
  clockOffset,
  name,
  onLeave,
}: {
  session: CallSession;
  /** Guests have none: they see only the consultation. */
  appointment: Appointment | undefined;
  /** The server's clock minus this device's, in milliseconds. */
  clockOffset: number;
  name: string;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { call } = useSession(session);
  const media = useMedia(session.media);
  const now = useNow(stepMs).getTime() + clockOffset;
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(t("call.title.waiting"));
  useWakeLock(true);

  useEffect(() => heading.current?.focus(), []);

  const connected = call.phase === "lobby";
  const line = appointment && waitingLine(appointment, now);
  const doctor = appointment?.practitioner;
  return (
    <main className={css.room} id="main" data-testid="waiting-room">
      <div className={css.card}>
        <p className={cx(css.state, connected && css.on)} role="status">
          <span className={css.dot} aria-hidden="true" />
          {t(connected ? "call.waiting.connected" : "call.waiting.reconnecting")}
        </p>
        {doctor && (
          <span className={css.face}>
            <Avatar name={doctor.name} size={84} />
          </span>
        )}
        <h1 ref={heading} tabIndex={-1} className={css.title}>
          {t("call.waiting.title")}
        </h1>
        {doctor && (
          <p className={css.doctor}>
            <strong>{doctor.name}</strong>
            <span>{doctor.specialty}</span>
          </p>
        )}
        <p className={css.lead}>{t(doctor ? "call.waiting.lead" : "call.waiting.guestLead")}</p>
        {line && (
          <p className={css.time} role="status">
            {t(`call.waiting.${line.kind}`, {
              time: formats.time(appointment.start),
            })}
            {line.waitedMs !== undefined && (
              <span className="tnum">
                {line.waitedMs < 60_000
                  ? t("call.waiting.waitedNow")
                  : t("call.waiting.waited", { time: formats.duration(line.waitedMs) })}
              </span>
            )}
          </p>
        )}
      </div>
      <div className={css.side}>
        {media.take !== "chat" && (
          <Preview
            name={name}
            state={media}
            onMic={(muted) => void session.setMuted("microphone", muted)}
            onCamera={(muted) => void session.setMuted("camera", muted)}
          />
        )}
        <section className={css.next}>
          <h2>{t("call.waiting.nextTitle")}</h2>
          <ol>
            <li>{t("call.waiting.next1")}</li>
            <li>{t("call.waiting.next2")}</li>
            {doctor && <li>{t("call.waiting.next3")}</li>}
          </ol>
        </section>
      </div>
      <Button className={css.leave} data-testid="leave" onClick={onLeave}>
        {t("call.waiting.leave")}
      </Button>
    </main>
  );
}
