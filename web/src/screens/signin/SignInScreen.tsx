import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { isApiError } from "../../api/errors";
import type { SignInStep } from "../../api/types";
import { hasPasskeys, wasDismissed } from "../../state/passkey";
import { returnTo } from "../../state/returnTo";
import { configQuery, SignInTalk } from "../../state/signIn";
import { useErrorText } from "../../state/toast";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Field, Select } from "../../ui/Field";
import { LockIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { CodeEntry, Resend } from "./CodeEntry";
import { FirstStep } from "./FirstStep";
import { Frame } from "./Frame";
import { SecondStep } from "./SecondStep";
import css from "./signin.module.css";

type Stage = "login" | "first" | "code" | "person" | "second" | "forgot";

/** Staff and patients come in here: who they are, one proof, and a second where one is asked. */
export default function SignInScreen() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data: config } = useQuery(configQuery);
  const [login, setLogin] = useState("");
  const [clinic, setClinic] = useState("");
  const [talk, setTalk] = useState<SignInTalk | null>(null);
  const [step, setStep] = useState<SignInStep | null>(null);
  const [stage, setStage] = useState<Stage>("login");
  const [busy, setBusy] = useState<"" | "password" | "send" | "other">("");
  const [fault, setFault] = useState<string>();

  const several = (config?.clinics.length ?? 0) > 1;
  const clinicId = several ? clinic || undefined : config?.clinics[0]?.id;

  const take = (next: SignInStep) => {
    setStep(next);
    if (next.step === "done") {
      leave(next);
      return;
    }
    if (next.step === "person" || next.step === "second") setStage(next.step);
  };
  /** Runs one step; what is refused is said beside the field, and an end begins anew. */
  const run = async (what: typeof busy, work: () => Promise<SignInStep>, after?: Stage) => {
    setBusy(what);
    setFault(undefined);
    try {
      const next = await work();
      if (after) setStage(after);
      take(next);
      if (next.step === "done") return; // stays busy while the page changes
    } catch (error) {
      if (isApiError(error, "attempt_over")) {
        setTalk(null);
        setStep(null);
        setStage("login");
      }
      if (!wasDismissed(error)) {
        const wait = isApiError(error, "slow_down") ? error.retryAfter : undefined;
        setFault(
          wait && wait > 5
            ? t("signIn.waitMinutes", { count: Math.ceil(wait / 60) })
            : errorText(error),
        );
      }
    }
    setBusy("");
  };

  const begin = (event: FormEvent) => {
    event.preventDefault();
    if (!login.trim() || busy) return;
    void run(
      "other",
      async () => {
        const [started, first] = await SignInTalk.start(login, clinicId);
        setTalk(started);
        return first;
      },
      "first",
    );
  };
  const again = () => {
    setTalk(null);
    setStep(null);
    setFault(undefined);
    setStage("login");
  };
  const send = () => talk && void run("send", () => talk.send(), "code");

  if (stage === "login" || !talk || !step) {
    if (stage === "forgot")
      return <Forgot login={login} clinicId={clinicId} onBack={() => setStage("login")} />;
    return (
      <Frame title={t("signIn.heading")} step="login">
        {fault && <Notice tone="bad">{fault}</Notice>}
        <form className={css.form} onSubmit={begin}>
          {several && (
            <Select
              label={t("signIn.clinic")}
              value={clinic}
              required
              onChange={(event) => setClinic(event.target.value)}
            >
              <option value="">{t("signIn.clinicChoose")}</option>
              {config?.clinics.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
          <Field
            label={t("signIn.login")}
            hint={t("signIn.loginHint")}
            name="username"
            value={login}
            onChange={(event) => setLogin(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            inputMode="email"
            autoFocus
            required
          />
          <Button type="submit" variant="primary" size="l" block busy={busy === "other"}>
            {t("signIn.continue")}
          </Button>
        </form>
        {hasPasskeys() && config?.passkeys && (!several || clinic) && (
          <>
            <span className={css.or}>{t("signIn.or")}</span>
            <Button
              icon={LockIcon}
              size="l"
              block
              busy={busy === "send"}
              onClick={() => void run("send", () => SignInTalk.byPasskey(clinicId))}
            >
              {t("signIn.withPasskey")}
            </Button>
          </>
        )}
      </Frame>
    );
  }

  switch (stage) {
    case "first":
      return (
        <Frame title={t("signIn.heading")} step="first">
          <FirstStep
            login={login}
            error={fault}
            busy={busy === "other" ? "" : busy}
            onPassword={(password) => void run("password", () => talk.password(password))}
            onSend={send}
            onForgot={() => {
              setTalk(null);
              setStage("forgot");
            }}
            onOther={again}
          />
        </Frame>
      );
    case "code":
      return (
        <Frame title={t("signIn.codeTitle")} step="code">
          <p>{t("signIn.sentTo", { to: step.sentTo ?? login })}</p>
          <CodeEntry
            label={t("signIn.code")}
            error={fault}
            busy={busy !== ""}
            onCode={(code) => void run("other", () => talk.code("code", code))}
          />
          <Resend at={step.resendAt} expires={step.expiresAt} busy={busy !== ""} onSend={send} />
          <p className={css.soft}>{t("signIn.noCode")}</p>
          <button type="button" className={css.link} onClick={() => setStage("first")}>
            {t("action.back")}
          </button>
        </Frame>
      );
    case "person":
      return (
        <Frame title={t("signIn.personTitle")} step="person">
          <p className={css.soft}>{t("signIn.personText")}</p>
          {fault && <Notice tone="bad">{fault}</Notice>}
          <ul className={css.people}>
            {step.people?.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  className={css.person}
                  disabled={busy !== ""}
                  onClick={() => void run("other", () => talk.person(one.id))}
                >
                  <Avatar name={one.name} size={44} />
                  <span>
                    {one.name}
                    <small>{t(`role.${one.role}`)}</small>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </Frame>
      );
    default:
      return (
        <Frame title={t("signIn.secondTitle")} step="second">
          <SecondStep
            step={step}
            error={fault}
            busy={busy !== ""}
            act={{
              send: (channel) => void run("send", () => talk.send(channel)),
              code: (factor, code) => void run("other", () => talk.code(factor, code)),
              password: (password) => void run("password", () => talk.password(password)),
              passkey: () => void run("other", () => talk.passkey()),
            }}
          />
          <button type="button" className={css.link} onClick={again}>
            {t("signIn.beginAgain")}
          </button>
        </Frame>
      );
  }
}

/** Leaves this page behind as a whole, so that nothing of the sign-in stays in memory. */
function leave(step: SignInStep) {
  const home = step.me?.home === "visit" ? "/visit" : "/";
  const wanted = new URLSearchParams(location.search).get("to");
  const to = returnTo(wanted, location.origin, home);
  // Staff and patients have applications of their own.
  const patients = to.startsWith("/visit");
  location.replace(patients === (home === "/visit") ? to : home);
}

function Forgot({
  login,
  clinicId,
  onBack,
}: {
  login: string;
  clinicId: string | undefined;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [address, setAddress] = useState(login);
  const [state, setState] = useState<"ask" | "busy" | "sent">("ask");
  const [fault, setFault] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setState("busy");
    setFault(undefined);
    try {
      const body = { login: address, ...(clinicId ? { clinicId } : {}) };
      await ok(api.POST("/sign-in/forgot", { body }));
      setState("sent");
    } catch (error) {
      setFault(errorText(error));
      setState("ask");
    }
  };
  return (
    <Frame title={t("signIn.forgotTitle")} step="forgot">
      {state === "sent" ? (
        <Notice tone="good">{t("signIn.forgotSent")}</Notice>
      ) : (
        <form className={css.form} onSubmit={(event) => void submit(event)}>
          <p className={css.soft}>{t("signIn.forgotText")}</p>
          <Field
            label={t("signIn.login")}
            name="username"
            value={address}
            error={fault}
            onChange={(event) => setAddress(event.target.value)}
            autoComplete="username"
            inputMode="email"
            required
          />
          <Button type="submit" variant="primary" size="l" block busy={state === "busy"}>
            {t("signIn.forgotSend")}
          </Button>
        </form>
      )}
      <button type="button" className={css.link} onClick={onBack}>
        {t("action.back")}
      </button>
    </Frame>
  );
}
