import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { isApiError } from "../../api/errors";
import type { Me } from "../../api/types";
import { takeToken } from "../../state/linkToken";
import { inOwnLanguage } from "../../state/me";
import { useErrorText } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { Enrolment } from "./Enrolment";
import { Frame } from "./Frame";

/** One opening per token, however often the page is drawn. */
let opening: Promise<Me> | null = null;

/** Where an activation link leads: a new member of staff chooses how to sign in. */
export default function ActivateScreen() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const cache = useQueryClient();
  const [token] = useState(takeToken);
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each round
  useEffect(() => {
    let current = true;
    if (!token) {
      // A reload goes on with the session that the link opened.
      opening ??= ok(api.GET("/me")).then((me) => {
        if (me.home !== "enrol") location.replace("/");
        return me;
      });
    }
    opening ??= ok(api.POST("/sessions/activation", { body: { token } })).then(inOwnLanguage);
    opening.then(
      () => {
        if (!current) return;
        cache.clear();
        setOpen(true);
      },
      (error: unknown) => {
        opening = null;
        if (current) setFault(error);
      },
    );
    return () => {
      current = false;
    };
  }, [round]);

  if (open) return <Enrolment />;
  const wrong = isApiError(fault, "link_invalid", "unauthenticated", "invalid");
  return (
    <Frame title={t("enrol.title")}>
      {fault === null ? (
        <Loading label={t("loading")} />
      ) : wrong ? (
        <Notice tone="bad" title={t("link.wrongTitle")}>
          {t("enrol.wrongLink")}
        </Notice>
      ) : (
        <Notice
          tone="bad"
          action={
            <Button
              onClick={() => {
                setFault(null);
                setRound(round + 1);
              }}
            >
              {t("action.retry")}
            </Button>
          }
        >
          {errorText(fault)}
        </Notice>
      )}
    </Frame>
  );
}
