import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Modality } from "../../api/types";
import { Call, type Link } from "../../rtc";
import { desk, openLine } from "../../state/callDesk";
import { useSession } from "../../state/callHooks";
import { LocalMedia } from "../../state/callMedia";
import { tabShelf } from "../../state/callMemory";
import { CallSession } from "../../state/callSession";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { CallView } from "./CallView";
import css from "./call.module.css";
import overlays from "./overlays.module.css";

export interface CallScreenProps {
  encounterId: string;
  /** The page's line to the server; the screen opens its own without one. */
  link?: Link | undefined;
  /** A stay that has begun already, as the patient's after the device check. */
  session?: CallSession | undefined;
  /** How the consultation is held; a stay that has begun already knows it. */
  modality?: Modality | undefined;
  /** Shows admission, invitation and the end for everybody. */
  doctor?: boolean | undefined;
  /** When the consultation began, RFC 3339, for the clock. */
  since?: string | undefined;
  /** What to show in the waiting room; practitioners never see one. */
  waitingRoom?: ((session: CallSession) => ReactNode) | undefined;
  /** The person has left, or closed the screen that says why the call is over. */
  onLeft: () => void;
  /** The consultation is finished, by this doctor or for everybody. */
  onFinished: () => void;
  /** Takes over the screen after any other end; without it the call says why it is over. */
  ended?: ((reason: string, session: CallSession) => ReactNode) | undefined;
}

/** A consultation from the entry to its end. Fills its container, which must have a height. */
export function CallScreen(props: CallScreenProps) {
  const { session: given, encounterId, link } = props;
  // Another way of holding it ends nobody's stay: each turns their camera on or off.
  const modality = useRef(props.modality).current;
  const [own, setOwn] = useState<CallSession>();

  useEffect(() => {
    if (given) return;
    const line = link ?? openLine();
    const media = new LocalMedia(navigator.mediaDevices, tabShelf());
    const session = new CallSession({
      encounterId,
      call: new Call(line),
      media,
      desk,
      shelf: tabShelf(),
    });
    let over = false;
    if (modality) media.prepare(encounterId, modality);
    setOwn(session);
    if (!link) line.start();
    void media.open().then(() => {
      if (!over) void session.enter();
    });
    return () => {
      over = true;
      void session.leave();
      session.dispose();
      media.close();
      if (!link) line.stop();
    };
  }, [given, encounterId, link, modality]);

  const session = given ?? own;
  if (!session) return <Joining />;
  return <Phases {...props} session={session} />;
}

function Phases(props: CallScreenProps & { session: CallSession }) {
  const { session, doctor = false, since, waitingRoom, onLeft, onFinished, ended } = props;
  const { call, refused } = useSession(session);
  const { phase, endedReason, self } = call;
  const finished = phase === "ended" && endedReason === "finished";

  useEffect(() => {
    if (finished) onFinished();
  }, [finished, onFinished]);

  const leave = () => {
    void session.leave();
    onLeft();
  };
  const finish = async () => {
    await session.finish();
    onFinished();
  };

  if (refused && phase !== "connected") {
    return <Over reason={refused} title="call.fault.joinTitle" session={session} onLeft={onLeft} />;
  }
  switch (phase) {
    case "idle":
      return <Joining />;
    case "ended": {
      const reason = endedReason ?? "failed";
      if (finished) return <Joining />;
      return ended?.(reason, session) ?? <Over reason={reason} session={session} onLeft={onLeft} />;
    }
    case "lobby":
      return waitingRoom?.(session) ?? <Joining />;
    case "joining":
    case "reconnecting":
      if (self?.lobby) return waitingRoom?.(session) ?? <Joining />;
      // A first join has nobody to show yet; a later one keeps the pictures under the note.
      if (!self) return <Joining />;
      break;
    case "connected":
      break;
  }
  return (
    <CallView
      session={session}
      doctor={doctor}
      since={since}
      modality={props.modality}
      onLeave={leave}
      onFinish={finish}
    />
  );
}

function Joining() {
  const { t } = useTranslation();
  return (
    <div className={css.screen}>
      <div className={css.message} role="status">
        <Spinner size={40} />
        <strong>{t("call.joining")}</strong>
      </div>
    </div>
  );
}

/** Sentences for the codes that end or refuse a stay; others get the general one. */
const sentences: Record<string, string> = {
  left: "call.ended.left",
  replaced: "call.ended.replaced",
  kicked: "call.ended.kicked",
  revoked: "call.ended.revoked",
  finished: "call.ended.finished",
  room_closed: "call.fault.over",
  transition_refused: "call.fault.notYet",
  denied: "call.fault.denied",
  not_found: "call.fault.denied",
  unauthenticated: "call.ended.revoked",
  network: "call.fault.network",
};

/** Ends after which entering again makes no sense. */
const final = new Set([
  "kicked",
  "revoked",
  "room_closed",
  "denied",
  "not_found",
  "unauthenticated",
]);

/** Why the person is not in the call, and the way back where there is one. */
function Over({
  reason,
  title,
  session,
  onLeft,
}: {
  reason: string;
  title?: string;
  session: CallSession;
  onLeft: () => void;
}) {
  const { t } = useTranslation();
  const sentence = t(sentences[reason] ?? "call.ended.failed");
  return (
    <div className={css.screen}>
      <div className={css.message} role="alert">
        <h2>{title ? t(title) : sentence}</h2>
        {title && <p>{sentence}</p>}
        <div className={overlays.actions}>
          {!final.has(reason) && (
            <Button variant="primary" onClick={() => void session.enter()}>
              {t(reason === "replaced" ? "call.ended.useHere" : "call.ended.rejoin")}
            </Button>
          )}
          <Button onClick={onLeft}>{t("call.ended.close")}</Button>
        </div>
      </div>
    </div>
  );
}
