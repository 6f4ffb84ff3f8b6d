import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import type { ConsentState } from "../../api/types";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Agreements } from "./Agreements";
import css from "./visit.module.css";

/** What is to be agreed to before the next visit: new, or in a new wording. */
export function Renew({
  missing,
  onDone,
}: {
  missing: readonly ConsentState[];
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const [agreed, setAgreed] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (missing.some((one) => !agreed.includes(one.id))) {
      setWrong(t("join.needConsents"));
      return;
    }
    setBusy(true);
    setWrong(undefined);
    try {
      const answers = missing.map(({ id, version }) => ({ id, version, given: true }));
      await ok(api.POST("/me/consents", { body: { answers } }));
    } catch (error) {
      setWrong(t(errorKey(error)));
    }
    setBusy(false);
    onDone();
  };
  return (
    <form className={css.stack} onSubmit={(event) => void send(event)} data-testid="renew">
      <Notice title={t("agree.beforeTitle")}>{t("agree.beforeText")}</Notice>
      <Agreements texts={missing} agreed={agreed} onChange={setAgreed} error={wrong} />
      <Button type="submit" variant="primary" size="l" block busy={busy} data-testid="renew-send">
        {t("agree.send")}
      </Button>
    </form>
  );
}
