import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { wasDismissed } from "../../state/passkey";
import { addPasskey } from "../../state/security";
import { useErrorText } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { LockIcon } from "../../ui/icons";
import css from "./security.module.css";

/** Makes a passkey on this device, with a name to tell it from others. */
export function PasskeySetup({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [name, setName] = useState(() => guessName(t("security.passkey.thisDevice")));
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !name.trim()) return;
    setBusy(true);
    setFault(undefined);
    try {
      await addPasskey(name.trim());
      onDone();
    } catch (error) {
      setFault(
        error instanceof DOMException
          ? t(
              error.name === "InvalidStateError"
                ? "security.passkey.there"
                : wasDismissed(error)
                  ? "security.passkey.dismissed"
                  : "security.passkey.impossible",
            )
          : errorText(error),
      );
    }
    setBusy(false);
  };
  return (
    <form className={css.setup} onSubmit={(event) => void make(event)}>
      <p>{t("security.passkey.about")}</p>
      <Field
        label={t("security.passkey.name")}
        value={name}
        maxLength={60}
        error={fault}
        onChange={(event) => setName(event.target.value)}
        required
      />
      <Button type="submit" variant="primary" size="l" block icon={LockIcon} busy={busy}>
        {t("security.passkey.make")}
      </Button>
    </form>
  );
}

function guessName(otherwise: string): string {
  const agent = navigator.userAgent;
  const known = ["iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux"];
  const found = known.find((word) => agent.includes(word));
  return found === "Macintosh" ? "Mac" : (found ?? otherwise);
}
