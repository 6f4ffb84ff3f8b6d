import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import css from "./signin.module.css";

/** The shortest password that the server takes. */
const shortest = 10;

/** One field that can be looked at: typing twice only teaches people to copy. */
export function NewPassword({
  label,
  submit,
  error,
  busy,
  onPassword,
}: {
  label: string;
  submit: string;
  error: string | undefined;
  busy: boolean;
  onPassword: (password: string) => void;
}) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [short, setShort] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const tooShort = [...password].length < shortest;
    setShort(tooShort);
    if (!tooShort) onPassword(password);
  };
  return (
    <form className={css.form} onSubmit={send}>
      <Field
        label={label}
        hint={t("security.passwordHint", { count: shortest })}
        type={shown ? "text" : "password"}
        name="new-password"
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        value={password}
        error={short ? t("security.passwordShort", { count: shortest }) : error}
        onChange={(event) => setPassword(event.target.value)}
        required
      />
      <button
        type="button"
        className={css.link}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
      >
        {t(shown ? "security.passwordHide" : "security.passwordShow")}
      </button>
      <Button type="submit" variant="primary" size="l" block busy={busy}>
        {submit}
      </Button>
    </form>
  );
}
