import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Modality } from "../../api/types";
import { canShareScreen, openScreen } from "../../rtc";
import { useMedia, useSession } from "../../state/callHooks";
import { recall, remember, tabShelf } from "../../state/callMemory";
import type { CallSession } from "../../state/callSession";
import { share as shareOf, sounds, tiles as tilesOf, unread, waiting } from "../../state/callTiles";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Spinner } from "../../ui/Spinner";
import { ChatPanel } from "../chat/ChatPanel";
import { type Comfort, DeviceSettings } from "../devices/DeviceSettings";
import { AudioSinks } from "./AudioSinks";
import { Controls } from "./Controls";
import css from "./call.module.css";
import { FinishDialog } from "./FinishDialog";
import { InviteDialog } from "./InviteDialog";
import { useNews } from "./news";
import overlays from "./overlays.module.css";
import { Stage } from "./Stage";
import { TopBar } from "./TopBar";
import { useRoomSize } from "./useRoomSize";
import { useShortcuts } from "./useShortcuts";
import { useTitle } from "./useTitle";
import { useWakeLock } from "./useWakeLock";
import { WaitingList } from "./WaitingList";

/** From this width on, the chat stands beside the pictures and is open from the start. */
const besideFrom = 900;

export interface CallViewProps {
  session: CallSession;
  doctor: boolean;
  since: string | undefined;
  modality: Modality | undefined;
  onLeave: () => void;
  onFinish: () => Promise<void>;
}

/** The consultation itself: pictures, chat and controls. */
export function CallView(props: CallViewProps) {
  const { session, doctor, since, modality, onLeave, onFinish } = props;
  const { t } = useTranslation();
  const { call: state, shareRefused } = useSession(session);
  const media = useMedia(session.media);
  const root = useRef<HTMLDivElement>(null);
  const { width } = useRoomSize(root);
  const [chatChoice, setChatChoice] = useState<boolean>();
  const [seen, setSeen] = useState(0);
  const [dialog, setDialog] = useState<"settings" | "invite" | "finish">();
  const [comfort, setComfort] = useState<Comfort>(() => recall(tabShelf()));
  // Browsers of phones have the call but refuse it.
  const [touch] = useState(() => matchMedia("(hover: none) and (pointer: coarse)").matches);
  const [said, say] = useNews(state, comfort.sounds, media.speakerId);
  const way = useRef(modality);
  useEffect(() => {
    if (way.current && modality && way.current !== modality) {
      say(t("call.live.way", { way: t(`modality.${modality}`) }));
    }
    way.current = modality;
  }, [modality, say, t]);

  const silent = media.take === "chat";
  const chatOpen = chatChoice ?? (silent || width >= besideFrom);
  const reconnecting = state.phase === "reconnecting" || state.phase === "joining";
  const tiles = useMemo(() => tilesOf(state, media.facing), [state, media.facing]);
  const share = useMemo(() => shareOf(state), [state]);
  const heard = useMemo(() => sounds(state), [state]);
  const people = waiting(state);
  const alone = tiles.every((tile) => tile.self);
  // Nothing but words, and nobody to let in: the chat has the whole screen.
  const writing =
    silent &&
    chatOpen &&
    !alone &&
    !share &&
    people.length === 0 &&
    tiles.every((tile) => !tile.camera);
  const news = chatOpen ? 0 : unread(state, seen);
  const newest = state.chat.reduce((most, entry) => Math.max(most, entry.seq), 0);
  const selfId = state.self?.identity ?? "";
  const micMuted = media.micMuted || !media.microphone;
  const cameraMuted = media.cameraMuted || !media.camera;
  const fault = media.take === "chat" ? undefined : (media.microphoneFault ?? media.cameraFault);

  useEffect(() => {
    if (chatOpen) setSeen(newest);
  }, [chatOpen, newest]);

  useTitle(
    reconnecting
      ? t("call.title.reconnecting")
      : people.length > 0
        ? t("call.title.admitting")
        : news > 0
          ? t("call.title.unread", { n: news })
          : t("call.title.call"),
  );
  useWakeLock(true);

  // What is being written stays in view when sound or picture comes to it.
  const keepChat = () => writing && setChatChoice(true);
  const setMic = () => {
    keepChat();
    void session.setMuted("microphone", !micMuted);
    say(t(micMuted ? "call.live.micOn" : "call.live.micOff"));
  };
  const setCamera = () => {
    keepChat();
    void session.setMuted("camera", !cameraMuted);
    say(t(cameraMuted ? "call.live.camOn" : "call.live.camOff"));
  };
  const setShare = () => {
    if (share?.self) {
      void session.stopShare();
      say(t("call.live.shareOff"));
    } else {
      void session.share(openScreen);
    }
  };
  const toggleChat = () => setChatChoice(!chatOpen);
  useShortcuts(comfort.shortcuts && !dialog, { KeyM: setMic, KeyV: setCamera, KeyC: toggleChat });

  const onComfort = (change: Partial<Comfort>) => {
    setComfort({ ...comfort, ...change });
    remember(tabShelf(), change);
  };
  const onView = useCallback(
    (trackId: string, height: number, visible: boolean) =>
      session.call.setView(trackId, height, visible),
    [session],
  );
  const admit = useCallback((identity: string) => session.admit(identity), [session]);
  const list = <WaitingList people={people} floating={!alone} onAdmit={admit} />;

  return (
    <>
      <div
        ref={root}
        className={cx(css.screen, chatOpen && css.withChat, writing && css.writing)}
        data-phase={state.phase}
        data-testid="call"
      >
        <div className={css.main}>
          <TopBar
            quality={state.quality}
            media={state.media.state}
            reconnecting={reconnecting}
            since={since}
            doctor={doctor}
            onInvite={() => setDialog("invite")}
            onSettings={() => setDialog("settings")}
          />
          <div className={css.stageBox}>
            {!writing && (
              <Stage
                tiles={tiles}
                share={share}
                silent={silent}
                onView={onView}
                onStopShare={() => void session.stopShare()}
                alone={
                  <div className={overlays.center}>
                    <h2>
                      {t(
                        !doctor
                          ? "call.alone.patient"
                          : people.length > 0
                            ? "call.admit.title"
                            : "call.alone.doctor",
                      )}
                    </h2>
                    {people.length === 0 && (
                      <p>{t(doctor ? "call.alone.doctorHint" : "call.alone.patientHint")}</p>
                    )}
                    {doctor && list}
                  </div>
                }
              />
            )}
            {doctor && !alone && list}
            <p className={overlays.pill} role="status">
              {said}
            </p>
            <AudioSinks sounds={heard} speakerId={media.speakerId} />
            {!reconnecting && (fault || shareRefused) && (
              <div className={overlays.fault} role="alert">
                {fault ? t(`devices.fault.${fault}.title`) : t("call.fault.share")}
                {fault ? (
                  <Button size="s" busy={media.asking} onClick={() => void session.media.mend()}>
                    {t("call.fault.deviceAgain")}
                  </Button>
                ) : (
                  <Button size="s" onClick={() => session.forgetShareFault()}>
                    {t("action.close")}
                  </Button>
                )}
              </div>
            )}
            {reconnecting && (
              <div className={overlays.reconnecting} role="alert" data-testid="reconnecting">
                <Spinner size={36} />
                <strong>{t("call.reconnecting")}</strong>
                <span>{t("call.reconnectingHint")}</span>
              </div>
            )}
          </div>
          <Controls
            doctor={doctor}
            micMuted={micMuted}
            cameraMuted={cameraMuted}
            cameraBusy={media.asking}
            canShare={canShareScreen() && !touch}
            sharing={share?.self ?? false}
            canFlip={touch && !doctor && media.cameras.length > 1 && !cameraMuted}
            chatOpen={chatOpen}
            unread={news}
            shortcuts={comfort.shortcuts}
            finishing={dialog === "finish"}
            onMic={setMic}
            onCamera={setCamera}
            onShare={setShare}
            onFlip={() => void session.media.flip()}
            onChat={toggleChat}
            onLeave={onLeave}
            onFinish={() => setDialog("finish")}
          />
        </div>
        {chatOpen && (
          <div className={css.chat}>
            <ChatPanel
              encounterId={session.encounterId}
              entries={state.chat}
              selfId={selfId}
              online={!reconnecting}
              onSend={(text) => session.call.sendChat(text)}
              onClose={toggleChat}
              focus={chatChoice === true && width >= besideFrom}
            />
          </div>
        )}
      </div>
      <DeviceSettings
        media={session.media}
        open={dialog === "settings"}
        onClose={() => setDialog(undefined)}
        comfort={comfort}
        onComfort={onComfort}
      />
      <InviteDialog
        encounterId={session.encounterId}
        open={dialog === "invite"}
        onClose={() => setDialog(undefined)}
      />
      <FinishDialog
        open={dialog === "finish"}
        onClose={() => setDialog(undefined)}
        onFinish={onFinish}
      />
    </>
  );
}
