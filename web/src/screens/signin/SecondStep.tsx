import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SecondFactor, SignInStep } from "../../api/types";
import { hasPasskeys } from "../../state/passkey";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { LockIcon, SendIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { CodeEntry, Resend } from "./CodeEntry";
import css from "./signin.module.css";

export interface SecondActions {
  send: (channel: SecondFactor["channel"]) => void;
  code: (factor: "code" | "app" | "recovery", code: string) => void;
  password: (password: string) => void;
  passkey: () => void;
}

/** The second factor, by whichever of their ways the person likes. */
export function SecondStep({
  step,
  error,
  busy,
  act,
}: {
  step: SignInStep;
  error: string | undefined;
  busy: boolean;
  act: SecondActions;
}) {
  const { t } = useTranslation();
  const choices = (step.second ?? []).filter((one) => one.factor !== "passkey" || hasPasskeys());
  const [chosen, setChosen] = useState(0);
  const choice = choices[chosen] ?? choices[0];
  const codes = choices.filter((one) => one.factor === "code");

  // With one way there is nothing to choose: the code is on its way at once.
  const auto = useRef(false);
  const only = choices.length === 1 && choice?.factor === "code" && !step.sentTo;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    if (!only || auto.current) return;
    auto.current = true;
    act.send(choice?.channel);
  }, [only]);

  if (!choice) {
    return (
      <Notice tone="warn" title={t("signIn.noSecondTitle")}>
        {t("signIn.noSecondText")}
      </Notice>
    );
  }
  return (
    <div className={css.stack}>
      <One choice={choice} codes={codes} step={step} error={error} busy={busy} act={act} />
      <div className={css.links}>
        {choices.map((one, at) =>
          one === choice || (one.factor === "code" && choice.factor === "code") ? null : (
            <button
              key={`${one.factor}${one.channel ?? ""}`}
              type="button"
              className={css.link}
              onClick={() => setChosen(at)}
            >
              {t(`signIn.instead.${one.factor}`)}
            </button>
          ),
        )}
      </div>
    </div>
  );
}

function One({
  choice,
  codes,
  step,
  error,
  busy,
  act,
}: {
  choice: SecondFactor;
  codes: SecondFactor[];
  step: SignInStep;
  error: string | undefined;
  busy: boolean;
  act: SecondActions;
}) {
  const { t } = useTranslation();
  switch (choice.factor) {
    case "passkey":
      return (
        <>
          <p className={css.soft}>{t("signIn.passkeyHint")}</p>
          {error && <Notice tone="bad">{error}</Notice>}
          <Button
            variant="primary"
            size="l"
            block
            icon={LockIcon}
            busy={busy}
            onClick={act.passkey}
          >
            {t("signIn.usePasskey")}
          </Button>
        </>
      );
    case "app":
      return (
        <CodeEntry
          label={t("signIn.appCode")}
          hint={t("signIn.appHint")}
          error={error}
          busy={busy}
          onCode={(code) => act.code("app", code)}
        />
      );
    case "recovery":
      return (
        <CodeEntry
          label={t("signIn.recoveryCode")}
          hint={t("signIn.recoveryHint")}
          kind="recovery"
          error={error}
          busy={busy}
          onCode={(code) => act.code("recovery", code)}
        />
      );
    case "password":
      return <PasswordOnly error={error} busy={busy} onPassword={act.password} />;
    case "code":
      return step.sentTo ? (
        <>
          <CodeEntry
            label={t("signIn.code")}
            hint={t("signIn.sentTo", { to: step.sentTo })}
            error={error}
            busy={busy}
            onCode={(code) => act.code("code", code)}
          />
          <Resend
            at={step.resendAt}
            expires={step.expiresAt}
            busy={busy}
            onSend={() => act.send(codes.length === 1 ? codes[0]?.channel : channelOf(step, codes))}
          />
        </>
      ) : (
        <>
          <p>{t("signIn.whereTo")}</p>
          {error && <Notice tone="bad">{error}</Notice>}
          {codes.map((one) => (
            <Button
              key={one.channel}
              size="l"
              block
              icon={SendIcon}
              busy={busy}
              onClick={() => act.send(one.channel)}
            >
              {t(one.channel === "sms" ? "signIn.smsTo" : "signIn.mailTo", { to: one.to })}
            </Button>
          ))}
        </>
      );
  }
}

const channelOf = (step: SignInStep, codes: SecondFactor[]) =>
  codes.find((one) => one.to === step.sentTo)?.channel;

function PasswordOnly({
  error,
  busy,
  onPassword,
}: {
  error: string | undefined;
  busy: boolean;
  onPassword: (password: string) => void;
}) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password && !busy) onPassword(password);
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <Field
        label={t("signIn.password")}
        type="password"
        name="password"
        autoComplete="current-password"
        autoFocus
        value={password}
        error={error}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button type="submit" variant="primary" size="l" block busy={busy}>
        {t("signIn.continue")}
      </Button>
    </form>
  );
}
