import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { hasPasskeys } from "../../state/passkey";
import { securityQuery, setPassword, useSecurityChanged } from "../../state/security";
import { useErrorText } from "../../state/toast";
import { Button } from "../../ui/Button";
import { CardIcon, LockIcon } from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { AppSetup } from "../security/AppSetup";
import { PasskeySetup } from "../security/PasskeySetup";
import { RecoveryCodes } from "../security/RecoveryCodes";
import { Failed } from "../staff/pages";
import { Frame } from "./Frame";
import { NewPassword } from "./NewPassword";
import css from "./signin.module.css";

type Way = "" | "app" | "passkey";

/** A password, a second factor, recovery codes: after that, and not before, one is in. */
export function Enrolment() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const changed = useSecurityChanged();
  const { data, error, refetch } = useQuery(securityQuery);
  const [way, setWay] = useState<Way>("");
  const [codes, setCodes] = useState<string[] | null>(null);
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);

  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setFault(undefined);
    try {
      await work();
    } catch (caught) {
      setFault(errorText(caught));
    }
    setBusy(false);
  };
  const password = (value: string) => run(() => setPassword(value).then(changed));
  const strong = () =>
    run(async () => {
      await changed();
      const answer = await ok(api.POST("/me/security/recovery"));
      setCodes(answer.codes);
    });
  const finish = () =>
    run(async () => {
      const { me } = await ok(api.POST("/me/security/finish"));
      location.replace(me.home === "visit" ? "/visit" : "/");
    });

  const title = t("enrol.title");
  if (error) {
    return (
      <Frame title={title}>
        <Failed title={t("error.title")} error={error} retry={refetch} />
      </Frame>
    );
  }
  if (!data) {
    return (
      <Frame title={title}>
        <Loading label={t("loading")} />
      </Frame>
    );
  }
  if (codes) {
    return (
      <Frame title={t("security.recovery.title")} step="codes" wide>
        {fault && <Notice tone="bad">{fault}</Notice>}
        <RecoveryCodes codes={codes} done={t("enrol.saved")} onDone={() => void finish()} />
      </Frame>
    );
  }
  if (!data.passwordSetAt && data.passkeys.length === 0) {
    return (
      <Frame title={t("enrol.passwordTitle")} step="password">
        <p className={css.soft}>{t("enrol.passwordText")}</p>
        <NewPassword
          label={t("security.newPassword")}
          submit={t("signIn.continue")}
          error={fault}
          busy={busy}
          onPassword={(value) => void password(value)}
        />
      </Frame>
    );
  }
  const has = data.app || data.passkeys.length > 0;
  if (has) {
    return (
      <Frame title={t("security.recovery.title")} step="almost">
        {fault && <Notice tone="bad">{fault}</Notice>}
        <p>{t("security.recovery.about")}</p>
        <Button variant="primary" size="l" block busy={busy} onClick={() => void strong()}>
          {t("security.recovery.make")}
        </Button>
      </Frame>
    );
  }
  return (
    <Frame
      title={t(way === "" ? "enrol.secondTitle" : `security.${way}.title`)}
      step={`second ${way}`}
      wide={way === "app"}
    >
      {fault && <Notice tone="bad">{fault}</Notice>}
      {way === "app" && <AppSetup onDone={() => void strong()} />}
      {way === "passkey" && <PasskeySetup onDone={() => void strong()} />}
      {way === "" && (
        <div className={css.stack}>
          <p className={css.soft}>{t(data.required ? "enrol.required" : "enrol.secondText")}</p>
          <Button size="l" block icon={CardIcon} onClick={() => setWay("app")}>
            {t("enrol.byApp")}
          </Button>
          {data.canPasskey && hasPasskeys() && (
            <Button size="l" block icon={LockIcon} onClick={() => setWay("passkey")}>
              {t("enrol.byPasskey")}
            </Button>
          )}
          {!data.required && (
            <button
              type="button"
              className={css.link}
              disabled={busy}
              onClick={() => void finish()}
            >
              {t("enrol.later")}
            </button>
          )}
        </div>
      )}
      {way !== "" && (
        <button type="button" className={css.link} onClick={() => setWay("")}>
          {t("enrol.otherWay")}
        </button>
      )}
    </Frame>
  );
}
