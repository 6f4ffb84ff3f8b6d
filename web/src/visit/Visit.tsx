import {
  lazy,
  Suspense,
  useEffect,
  useReducer,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../api/client";
import type { Me } from "../api/types";
import type { Language } from "../i18n";
import { Call } from "../rtc";
import { chime } from "../screens/call/sounds";
import { DeviceCheck } from "../screens/devices/DeviceCheck";
import { After } from "../screens/visit/After";
import { GuestHome } from "../screens/visit/GuestHome";
import { Home } from "../screens/visit/Home";
import { Page } from "../screens/visit/Page";
import css from "../screens/visit/visit.module.css";
import { WaitingRoom } from "../screens/waiting/WaitingRoom";
import { desk, openLine } from "../state/callDesk";
import { LocalMedia } from "../state/callMedia";
import { recall, tabShelf } from "../state/callMemory";
import { CallSession } from "../state/callSession";
import { Loading } from "../ui/Loading";
import { firstStep, flow } from "./flow";
import { canJoin } from "./next";
import { VisitStore } from "./store";

/** The call itself comes behind the first page, and long before it is needed. */
const loadCall = () => import("../screens/call");
const CallScreen = lazy(async () => ({ default: (await loadCall()).CallScreen }));

/** Few of those who open a link book or move a visit. */
const BookPage = lazy(() => import("../screens/booking/BookPage"));
const SecurityPage = lazy(() => import("../screens/visit/SecurityPage"));

/** Fewer still need help at once. */
const Help = lazy(() => import("../screens/visit/Help"));
const IntakePage = lazy(() => import("../screens/visit/IntakePage"));
const MyData = lazy(() => import("../screens/visit/MyData"));

interface Tools {
  store: VisitStore;
  media: LocalMedia;
  session: (encounterId: string) => CallSession;
}

/** Everything after the sign-in: home, device check, waiting room, call, and what comes after. */
export function Visit({
  me,
  onLanguage,
  onSignOut,
}: {
  me: Me;
  onLanguage: (language: Language) => void;
  onSignOut: () => void;
}) {
  const { t, i18n } = useTranslation();
  const tools = useTools(me);
  const state = useSyncExternalStore(
    tools?.store.subscribe ?? idle,
    tools?.store.getSnapshot ?? nothing,
  );
  const [step, tell] = useReducer(flow, { at: "opening" });
  const guest = me.role === "guest";
  const rooms = openRooms(me, state?.appointments ?? []);

  // Names of services come in the viewer's language.
  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched anew for each language
  useEffect(() => {
    void tools?.store.refresh();
  }, [tools, i18n.language]);

  // A reload in the room goes straight back, as soon as it is known that the room is open.
  const loaded = state?.loaded ?? false;
  // biome-ignore lint/correctness/useExhaustiveDependencies: decided once
  useEffect(() => {
    if (loaded) tell({ type: "start", step: firstStep(recall(tabShelf()).room, rooms) });
  }, [loaded]);

  // A failure is told where the call is opened.
  useEffect(() => void loadCall().catch(() => undefined), []);

  useBack(step.at, () => {
    tools?.media.release();
    tell({ type: "back" });
  });

  if (!tools || !state || step.at === "opening") {
    return (
      <Page clinic={me.clinic.name} onLanguage={onLanguage}>
        <Loading label={t("visit.opening")} />
      </Page>
    );
  }

  const { store, media } = tools;
  const home = () => {
    media.release();
    tell({ type: "home" });
    void store.refresh();
  };
  const page = (children: React.ReactNode) => (
    <Page clinic={me.clinic.name} onLanguage={onLanguage} onSignOut={onSignOut}>
      {children}
    </Page>
  );

  switch (step.at) {
    case "home":
      return page(
        guest ? (
          <GuestHome
            me={me}
            open={rooms.length > 0}
            onJoin={(encounterId) => tell({ type: "join", encounterId })}
          />
        ) : (
          <Home
            me={me}
            state={state}
            onJoin={(encounterId) => {
              prepare(media, state.appointments, encounterId);
              tell({ type: "join", encounterId });
            }}
            onAgain={() => void store.refresh()}
            onBook={(start) => tell({ type: "request", ...(start ? { start } : {}) })}
            onSecurity={() => tell({ type: "security" })}
            onHelp={() => tell({ type: "help" })}
            onData={() => tell({ type: "data" })}
            onIntake={(appointmentId) => tell({ type: "intake", appointmentId })}
          />
        ),
      );
    case "request":
      return page(
        <Suspense fallback={<Loading label={t("loading")} />}>
          <BookPage
            me={me}
            start={step.start}
            state={state}
            onHome={home}
            onIntake={(appointmentId) => tell({ type: "intake", appointmentId })}
            onChanged={() => void store.refresh()}
          />
        </Suspense>,
      );
    case "security":
      return page(
        <Suspense fallback={<Loading label={t("loading")} />}>
          <SecurityPage onBack={home} />
        </Suspense>,
      );
    case "help":
      return page(
        <Suspense fallback={<Loading label={t("loading")} />}>
          <Help
            name={me.person.name}
            state={state}
            media={media}
            onAdmitted={(encounterId) => tell({ type: "admitted", encounterId })}
            onBack={home}
          />
        </Suspense>,
      );
    case "data":
      return page(
        <Suspense fallback={<Loading label={t("loading")} />}>
          <MyData onBack={home} />
        </Suspense>,
      );
    case "intake":
      return page(
        <Suspense fallback={<Loading label={t("loading")} />}>
          <IntakePage
            appointmentId={step.appointmentId}
            missing={state.missing}
            onAgreed={() => void store.refresh()}
            onBack={home}
          />
        </Suspense>,
      );
    case "devices":
      return page(
        <DeviceCheck
          media={media}
          name={me.person.name}
          onGo={() => tell({ type: "checked" })}
          onBack={home}
        />,
      );
    case "room":
      return (
        <Room
          me={me}
          tools={tools}
          encounterId={step.encounterId}
          onHome={home}
          onEnded={(reason) => {
            media.release();
            tell({ type: "ended", reason });
            void store.refresh();
          }}
          page={page}
        />
      );
    case "after":
      return page(
        <After
          reason={step.reason}
          guest={guest}
          encounterId={step.encounterId}
          state={state}
          open={rooms.includes(step.encounterId)}
          onBook={(id) =>
            void store
              .refresh()
              .then(() => tell({ type: "request", start: { kind: "finish", id } }))
          }
          onAgain={() => tell({ type: "again" })}
          onHome={home}
        />,
      );
  }
}

/**
 * Keeps the browser's "back" within the visit: away from home there is one entry of ours in
 * the history for it to take.
 */
function useBack(at: string, onBack: () => void): void {
  const act = useRef(onBack);
  act.current = onBack;
  useEffect(() => {
    if (at !== "home" && at !== "opening" && history.state !== inside) {
      history.pushState(inside, "", location.pathname);
    }
  }, [at]);
  useEffect(() => {
    const onPop = () => act.current();
    addEventListener("popstate", onPop);
    return () => removeEventListener("popstate", onPop);
  }, []);
}

const inside = "inside";
const idle = () => () => undefined;
const nothing = () => undefined;

/** Rooms that the viewer may enter now. */
function openRooms(
  me: Me,
  appointments: ReturnType<VisitStore["getSnapshot"]>["appointments"],
): string[] {
  const own = appointments.flatMap((one) =>
    canJoin(one) && one.encounterId ? [one.encounterId] : [],
  );
  // A guest sees no appointments; the room itself refuses one that is over.
  return me.role === "guest" && me.visit ? [...own, me.visit.encounterId] : own;
}

/** Sets the devices to how a consultation is held; guests see no appointment and choose. */
function prepare(
  media: LocalMedia,
  appointments: ReturnType<VisitStore["getSnapshot"]>["appointments"],
  encounterId: string,
): void {
  const modality = appointments.find((one) => one.encounterId === encounterId)?.modality;
  if (modality) media.prepare(encounterId, modality);
}

/** The line, the lists and the devices, alive as long as the person is signed in. */
function useTools(me: Me): Tools | undefined {
  const [tools, setTools] = useState<Tools>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: one set of tools for each account
  useEffect(() => {
    const link = openLine();
    const store = new VisitStore(me, link);
    const media = new LocalMedia(navigator.mediaDevices, tabShelf());
    const session = (encounterId: string) =>
      new CallSession({ encounterId, call: new Call(link), media, desk, shelf: tabShelf() });
    link.start();
    setTools({ store, media, session });
    return () => {
      store.close();
      media.close();
      link.stop();
    };
  }, [me.accountId]);
  return tools;
}

/** The stay in one room: waiting, then the call. */
function Room({
  me,
  tools,
  encounterId,
  onHome,
  onEnded,
  page,
}: {
  me: Me;
  tools: Tools;
  encounterId: string;
  onHome: () => void;
  onEnded: (reason: string) => void;
  page: (children: React.ReactNode) => React.ReactNode;
}) {
  const { t } = useTranslation();
  const [session, setSession] = useState<CallSession>();
  const state = useSyncExternalStore(tools.store.subscribe, tools.store.getSnapshot);
  const appointment = state.appointments.find((one) => one.encounterId === encounterId);

  useEffect(() => {
    const stay = tools.session(encounterId);
    setSession(stay);
    let phase = stay.getSnapshot().call.phase;
    const stop = stay.subscribe(() => {
      const now = stay.getSnapshot().call.phase;
      if (phase === "lobby" && now === "connected" && recall(tabShelf()).sounds) {
        void chime("admitted", tools.media.getSnapshot().speakerId);
      }
      phase = now;
    });
    let over = false;
    // After a reload the room comes without the check before it.
    prepare(tools.media, tools.store.getSnapshot().appointments, encounterId);
    void tools.media.open().then(() => {
      if (!over) void stay.enter();
    });
    return () => {
      over = true;
      stop();
      void stay.leave();
      stay.dispose();
    };
  }, [tools, encounterId]);

  const leaveWaiting = async (stay: CallSession) => {
    await stay.leave();
    if (appointment?.actions.includes("leave")) {
      const path = { id: appointment.id };
      await ok(api.POST("/appointments/{id}/leave", { params: { path } })).catch(() => undefined);
    }
    onHome();
  };

  if (!session) return null;
  return (
    <div className={css.room}>
      <Suspense fallback={<Loading label={t("visit.opening")} />}>
        <CallScreen
          encounterId={encounterId}
          session={session}
          since={appointment?.status === "in_progress" ? appointment.since : undefined}
          modality={appointment?.modality}
          waitingRoom={(stay) =>
            page(
              <WaitingRoom
                session={stay}
                appointment={appointment}
                clockOffset={state.clockOffset}
                name={me.person.name}
                onLeave={() => void leaveWaiting(stay)}
              />,
            )
          }
          onLeft={() => onEnded("left")}
          onFinished={() => onEnded("finished")}
          ended={(reason) => <Ended reason={reason} onEnded={onEnded} />}
        />
      </Suspense>
    </div>
  );
}

/** Hands the end of the call over to the page, once. */
function Ended({ reason, onEnded }: { reason: string; onEnded: (reason: string) => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once
  useEffect(() => onEnded(reason), [reason]);
  return null;
}
