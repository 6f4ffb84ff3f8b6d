import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ok } from "../../api/client";
import { isApiError } from "../../api/errors";
import type { Me } from "../../api/types";
import { keys } from "../../state/keys";
import { inOwnLanguage } from "../../state/me";
import { Loading } from "../../ui/Loading";
import { Bare, Failed, WrongLink } from "./pages";

type Attempt = { token: string; answer: Promise<Me> };

/** One sign-in per token, however often the page is drawn; tokens may be single-use. */
let attempt: Attempt | null = null;

function signIn(token: string): Promise<Me> {
  if (attempt?.token !== token) {
    const answer = ok(api.POST("/sessions/demo", { body: { token } })).then(inOwnLanguage);
    attempt = { token, answer };
  }
  return attempt.answer;
}

/** Takes the secret out of the address at once: it must not stay in the history. */
function takeToken(): string {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token) history.replaceState(history.state, "", location.pathname);
  return token;
}

/** Where a sign-in link of the demo clinic leads: token in the fragment, session in a cookie. */
export function DemoSignIn() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [token, setToken] = useState(takeToken);
  const [fault, setFault] = useState<unknown>(null);

  useEffect(() => {
    // A second link pasted into the same tab changes only the fragment.
    const onHash = () => {
      const next = takeToken();
      if (next) setToken(next);
    };
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);

  useEffect(() => {
    if (!token) return;
    let current = true;
    setFault(null);
    signIn(token).then(
      (me) => {
        if (!current) return;
        cache.clear();
        cache.setQueryData(keys.me, me);
        if (me.home === "visit") location.assign("/visit");
        else navigate("/calendar", { replace: true });
      },
      (error: unknown) => {
        attempt = null;
        if (current) setFault(error);
      },
    );
    return () => {
      current = false;
    };
  }, [token, cache, navigate]);

  if (!token || isApiError(fault, "link_invalid", "not_found", "invalid")) return <WrongLink />;
  return (
    <Bare title={t("signIn.title")}>
      {fault ? (
        <Failed
          level={1}
          title={t("error.title")}
          error={fault}
          retry={() => {
            const again = token;
            setToken("");
            queueMicrotask(() => setToken(again));
          }}
        />
      ) : (
        <Loading label={t("signIn.working")} />
      )}
    </Bare>
  );
}
