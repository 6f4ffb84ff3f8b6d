import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { NewAuthenticator } from "../../api/types";
import { useErrorText } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { CodeEntry } from "../signin/CodeEntry";
import css from "./security.module.css";

/** Shows a secret for an authenticator app, and takes it into use by its first code. */
export function AppSetup({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [made, setMade] = useState<NewAuthenticator | null>(null);
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new secret for each round
  useEffect(() => {
    let current = true;
    ok(api.POST("/me/security/app")).then(
      (answer) => current && setMade(answer),
      (error) => current && setFault(errorText(error)),
    );
    return () => {
      current = false;
    };
  }, [round]);

  const confirm = async (code: string) => {
    setBusy(true);
    setFault(undefined);
    try {
      await ok(api.PUT("/me/security/app", { body: { code } }));
      onDone();
    } catch (error) {
      setFault(errorText(error));
    }
    setBusy(false);
  };

  if (!made) {
    return fault ? (
      <Notice
        tone="bad"
        action={<Button onClick={() => setRound(round + 1)}>{t("action.retry")}</Button>}
      >
        {fault}
      </Notice>
    ) : (
      <Loading label={t("loading")} />
    );
  }
  const quiet = 4;
  const side = made.qrSize + 2 * quiet;
  return (
    <div className={css.setup}>
      <ol className={css.steps}>
        <li>{t("security.app.install")}</li>
        <li>{t("security.app.scan")}</li>
        <li>{t("security.app.type")}</li>
      </ol>
      <div className={css.qrBox}>
        <svg
          className={css.qr}
          viewBox={`${-quiet} ${-quiet} ${side} ${side}`}
          shapeRendering="crispEdges"
          role="img"
          aria-label={t("security.app.qr")}
        >
          <rect x={-quiet} y={-quiet} width={side} height={side} fill="#fff" />
          <path d={made.qrPath} fill="#000" />
        </svg>
        <div className={css.byHand}>
          <a href={made.uri} className={css.openApp}>
            {t("security.app.open")}
          </a>
          <p className={css.soft}>{t("security.app.byHand")}</p>
          <code className={css.secret} data-testid="app-secret">
            {made.secret.replace(/(.{4})(?=.)/g, "$1 ")}
          </code>
        </div>
      </div>
      <CodeEntry
        label={t("security.app.code")}
        error={fault}
        busy={busy}
        onCode={(code) => void confirm(code)}
      />
    </div>
  );
}
