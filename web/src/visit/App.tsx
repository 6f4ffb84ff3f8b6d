import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../api/client";
import { isApiError } from "../api/errors";
import type { Me } from "../api/types";
import { type Language, pickLanguage, setLanguage } from "../i18n";
import { ClinicZone } from "../i18n/useFormats";
import { Page } from "../screens/visit/Page";
import { Problem, type ProblemKind } from "../screens/visit/Problem";
import { applyAccent } from "../ui/accent";
import { Loading } from "../ui/Loading";
import { entryOf, followLinks, signIn, takeToken } from "./signIn";
import { Visit } from "./Visit";

/** Few come by an invitation, and each of them once. */
const Invite = lazy(() => import("../screens/visit/Invite"));

type Opening =
  | { kind: "opening" }
  | { kind: "invited" }
  | { kind: "open"; me: Me }
  | { kind: ProblemKind };

const token = takeToken();
followLinks();
const entry = entryOf(location.pathname);

/** The patients' and guests' application: signs in by the link, then shows the visit. */
export function App() {
  const { t } = useTranslation();
  const [clinic, setClinic] = useState<string>();
  const [state, setState] = useState<Opening>({ kind: "opening" });

  const enter = useCallback((me: Me) => {
    // A reload must not lead back to an invitation that is used up.
    history.replaceState(null, "", "/visit");
    setState({ kind: "open", me });
  }, []);

  const open = useCallback(async () => {
    if (entry === "invite" && token !== "") {
      setState({ kind: "invited" });
      return;
    }
    setState({ kind: "opening" });
    try {
      const me = await signIn(entry, token);
      if (me?.home === "calendar") {
        location.replace("/calendar");
        return;
      }
      if (me) {
        applyAccent(me.clinic.accent);
        // A guest has chosen nothing yet: the device knows better than the clinic.
        const known = me.role === "guest" ? [] : [me.locale];
        await setLanguage(pickLanguage([...known, ...navigator.languages]));
      }
      setState(me ? { kind: "open", me } : { kind: "missing" });
    } catch (error) {
      setState({ kind: isApiError(error, "network", "internal") ? "offline" : "bad" });
    }
  }, []);

  useEffect(() => {
    if (typeof RTCPeerConnection === "undefined") setState({ kind: "oldBrowser" });
    else void open();
  }, [open]);

  const onLanguage = async (language: Language) => {
    await setLanguage(language);
    if (state.kind !== "open") return;
    const me = await ok(api.PATCH("/me", { body: { locale: language } })).catch(() => state.me);
    setState({ kind: "open", me });
  };
  const onSignOut = async () => {
    await ok(api.DELETE("/session")).catch(() => undefined);
    setState({ kind: "missing" });
  };

  if (state.kind === "open") {
    return (
      <ClinicZone value={state.me.clinic.zone}>
        <Visit
          me={state.me}
          onLanguage={(one) => void onLanguage(one)}
          onSignOut={() => void onSignOut()}
        />
      </ClinicZone>
    );
  }
  return (
    <Page clinic={clinic} onLanguage={(one) => void onLanguage(one)}>
      {state.kind === "invited" ? (
        <Suspense fallback={<Loading label={t("visit.opening")} />}>
          <Invite token={token} onClinic={setClinic} onDone={enter} />
        </Suspense>
      ) : state.kind === "opening" ? (
        <Loading label={t("visit.opening")} />
      ) : (
        <Problem kind={state.kind} onAgain={() => void open()} />
      )}
    </Page>
  );
}
