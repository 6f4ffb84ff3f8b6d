import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "../../state/useNow";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Field } from "../../ui/Field";
import css from "./signin.module.css";

const digits = (text: string) => text.replace(/\D/g, "");

/** One code: typed, pasted, or filled in by the telephone; six digits go off by themselves. */
export function CodeEntry({
  label,
  hint,
  kind = "digits",
  error,
  busy,
  onCode,
}: {
  label: string;
  hint?: string | undefined;
  kind?: "digits" | "recovery";
  error: string | undefined;
  busy: boolean;
  onCode: (code: string) => void;
}) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [sent, setSent] = useState("");
  const numeric = kind === "digits";

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (code.trim() && !busy) onCode(code.trim());
  };
  const change = (text: string) => {
    const next = numeric ? digits(text).slice(0, 6) : text.slice(0, 40);
    setCode(next);
    if (numeric && next.length === 6 && next !== sent && !busy) {
      setSent(next);
      onCode(next);
    }
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <Field
        label={label}
        hint={hint}
        error={error}
        value={code}
        onChange={(event) => change(event.target.value)}
        onPaste={(event) => {
          // A paste may bring words around the code: "482913 is your code".
          const pasted = event.clipboardData.getData("text");
          const found = numeric ? /(?:\d[\s-]?){6}/.exec(pasted)?.[0] : pasted.trim();
          if (found === undefined) return;
          event.preventDefault();
          change(found);
        }}
        inputMode={numeric ? "numeric" : "text"}
        autoComplete={numeric ? "one-time-code" : "off"}
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        name="code"
        className={cx(css.code, !numeric && css.recovery)}
      />
      <Button type="submit" variant="primary" size="l" block busy={busy}>
        {t("signIn.continue")}
      </Button>
    </form>
  );
}

/** "Send again", which waits its half minute, and how long the sign-in stays open. */
export function Resend({
  at,
  expires,
  busy,
  onSend,
}: {
  at: string | undefined;
  expires: string;
  busy: boolean;
  onSend: () => void;
}) {
  const { t } = useTranslation();
  const now = useNow(1000).getTime();
  const wait = at ? Math.ceil((new Date(at).getTime() - now) / 1000) : 0;
  const left = Math.max(0, Math.ceil((new Date(expires).getTime() - now) / 60_000));
  return (
    <div className={css.stack}>
      <button
        type="button"
        className={css.link}
        disabled={wait > 0 || busy}
        onClick={onSend}
        data-testid="resend"
      >
        {wait > 0 ? t("signIn.resendIn", { count: wait }) : t("signIn.resend")}
      </button>
      <p className={css.soft}>{t("signIn.minutesLeft", { count: left })}</p>
    </div>
  );
}
