import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { SendIcon } from "../../ui/icons";
import css from "./signin.module.css";

/** A code or the password; both are offered to everybody, whether they have one or not. */
export function FirstStep({
  login,
  error,
  busy,
  onPassword,
  onSend,
  onForgot,
  onOther,
}: {
  login: string;
  error: string | undefined;
  busy: "" | "password" | "send";
  onPassword: (password: string) => void;
  onSend: () => void;
  onForgot: () => void;
  onOther: () => void;
}) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password && !busy) onPassword(password);
  };
  return (
    <div className={css.stack}>
      <p className={css.login}>
        <span>{login}</span>
        <button type="button" className={css.link} onClick={onOther}>
          {t("signIn.change")}
        </button>
      </p>
      <Button
        variant="primary"
        size="l"
        block
        icon={SendIcon}
        busy={busy === "send"}
        onClick={onSend}
        data-testid="send-code"
      >
        {t(login.includes("@") ? "signIn.sendMail" : "signIn.sendSms")}
      </Button>
      <span className={css.or}>{t("signIn.or")}</span>
      <form className={css.form} onSubmit={submit}>
        <input type="hidden" name="username" autoComplete="username" value={login} readOnly />
        <Field
          label={t("signIn.password")}
          type="password"
          name="password"
          autoComplete="current-password"
          value={password}
          error={error}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" size="l" block busy={busy === "password"}>
          {t("signIn.withPassword")}
        </Button>
      </form>
      <button type="button" className={css.link} onClick={onForgot}>
        {t("signIn.forgot")}
      </button>
    </div>
  );
}
