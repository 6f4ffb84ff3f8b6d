import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ok } from "../../api/client";
import { isApiError } from "../../api/errors";
import { takeToken } from "../../state/linkToken";
import { useErrorText } from "../../state/toast";
import { buttonClass } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Frame } from "./Frame";
import { NewPassword } from "./NewPassword";

/** Where the link to a new password leads. Signing in follows, with its second factor. */
export default function ResetScreen() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [token] = useState(takeToken);
  const [state, setState] = useState<"ask" | "busy" | "done" | "bad">(token ? "ask" : "bad");
  const [fault, setFault] = useState<string>();
  const set = async (password: string) => {
    setState("busy");
    setFault(undefined);
    try {
      await ok(api.POST("/sign-in/reset", { body: { token, password } }));
      setState("done");
    } catch (error) {
      setFault(errorText(error));
      setState(isApiError(error, "link_invalid") ? "bad" : "ask");
    }
  };
  return (
    <Frame title={t("signIn.resetTitle")} step={state}>
      {state === "bad" ? (
        <Notice tone="bad" title={t("link.wrongTitle")}>
          {t("link.wrongText")}
        </Notice>
      ) : state === "done" ? (
        <Notice tone="good">{t("signIn.resetDone")}</Notice>
      ) : (
        <NewPassword
          label={t("security.newPassword")}
          submit={t("signIn.resetSave")}
          error={fault}
          busy={state === "busy"}
          onPassword={(password) => void set(password)}
        />
      )}
      {(state === "bad" || state === "done") && (
        <Link to="/sign-in" className={buttonClass({ variant: "primary", size: "l", block: true })}>
          {t("signIn.toSignIn")}
        </Link>
      )}
    </Frame>
  );
}
