import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Security } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { hasPasskeys } from "../../state/passkey";
import { signInPath } from "../../state/returnTo";
import { securityQuery, setPassword, useSecurityChanged } from "../../state/security";
import { useErrorText, useToasts } from "../../state/toast";
import { Button, buttonClass } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import { NewPassword } from "../signin/NewPassword";
import { Failed } from "../staff/pages";
import { AppSetup } from "./AppSetup";
import { Devices } from "./Devices";
import { PasskeySetup } from "./PasskeySetup";
import { Passkeys } from "./Passkeys";
import { RecoveryCodes } from "./RecoveryCodes";
import css from "./security.module.css";

type Open = "" | "password" | "app" | "appOff" | "passkey" | "recovery";

/** What one signs in with and where one is signed in; for staff and patients alike. */
export function SecurityPanel({ from, onOut }: { from: string; onOut: () => void }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(securityQuery);
  const [open, setOpen] = useState<Open>("");
  const changed = useSecurityChanged();

  if (isPending) return <Skeleton lines={8} label={t("loading")} />;
  if (error) return <Failed title={t("security.failed")} error={error} retry={refetch} />;
  const done = () => {
    setOpen("");
    void changed();
  };
  return (
    <>
      {!data.fresh && (
        <Notice
          tone="lock"
          title={t("security.staleTitle")}
          action={
            <a href={signInPath(from)} className={buttonClass({ variant: "primary" })}>
              {t("security.again")}
            </a>
          }
        >
          {t("security.staleText")}
        </Notice>
      )}
      <Factors data={data} onOpen={setOpen} />
      <Devices onOut={onOut} />
      <Doing open={open} data={data} onDone={done} onClose={() => setOpen("")} />
    </>
  );
}

function Factors({ data, onOpen }: { data: Security; onOpen: (open: Open) => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const set = data.passwordSetAt;
  const has = data.app || data.passkeys.length > 0;
  const fixed = !data.fresh;
  return (
    <>
      <section className={css.section} aria-labelledby="security-password">
        <div className={css.head}>
          <div>
            <h2 id="security-password">{t("security.password")}</h2>
            <p className={css.soft}>
              {set
                ? t("security.passwordSince", { date: formats.date(set) })
                : t("security.passwordNone")}
            </p>
          </div>
          <Button disabled={fixed} onClick={() => onOpen("password")}>
            {t(set ? "security.passwordChange" : "security.passwordSet")}
          </Button>
        </div>
      </section>
      <section className={css.section} aria-labelledby="security-app">
        <div className={css.head}>
          <div>
            <h2 id="security-app">{t("security.app.title")}</h2>
            <p className={css.soft}>{t(data.app ? "security.app.on" : "security.app.off")}</p>
          </div>
          {data.app ? (
            <Button disabled={fixed} onClick={() => onOpen("appOff")}>
              {t("security.app.remove")}
            </Button>
          ) : (
            <Button disabled={fixed} onClick={() => onOpen("app")}>
              {t("security.app.add")}
            </Button>
          )}
        </div>
      </section>
      {data.canPasskey && (
        <Passkeys
          passkeys={data.passkeys}
          fixed={fixed}
          onAdd={hasPasskeys() ? () => onOpen("passkey") : undefined}
        />
      )}
      {has && (
        <section className={css.section} aria-labelledby="security-recovery">
          <div className={css.head}>
            <div>
              <h2 id="security-recovery">{t("security.recovery.title")}</h2>
              <p className={css.soft}>{t("security.recovery.left", { count: data.recovery })}</p>
            </div>
            <Button disabled={fixed} onClick={() => onOpen("recovery")}>
              {t(data.recovery > 0 ? "security.recovery.renew" : "security.recovery.make")}
            </Button>
          </div>
        </section>
      )}
    </>
  );
}

function Doing({
  open,
  data,
  onDone,
  onClose,
}: {
  open: Open;
  data: Security;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const toasts = useToasts();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const [codes, setCodes] = useState<string[] | null>(null);

  const close = () => {
    setFault(undefined);
    setCodes(null);
    onClose();
  };
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setFault(undefined);
    try {
      await work();
    } catch (error) {
      setFault(errorText(error));
    }
    setBusy(false);
  };
  const finished = (word: string) => {
    toasts.show(t(word), "good");
    setCodes(null);
    onDone();
  };
  // Who has just set up the first strong factor gets recovery codes with it.
  const added = (word: string) => {
    toasts.show(t(word), "good");
    if (data.recovery > 0) onDone();
    else void run(makeCodes);
  };
  const makeCodes = async () => {
    const answer = await ok(api.POST("/me/security/recovery"));
    setCodes(answer.codes);
  };

  const titles = {
    "": "",
    password: t("security.newPassword"),
    app: t("security.app.title"),
    appOff: t("security.app.remove"),
    passkey: t("security.passkey.title"),
    recovery: t("security.recovery.title"),
  };
  return (
    <Dialog
      open={open !== ""}
      onClose={codes ? () => finished("security.recovery.done") : close}
      title={codes ? titles.recovery : titles[open]}
      closeLabel={t("action.close")}
    >
      {codes ? (
        <RecoveryCodes
          codes={codes}
          done={t("security.recovery.saved")}
          onDone={() => finished("security.recovery.done")}
        />
      ) : (
        <>
          {open === "password" && (
            <div className={css.setup}>
              <p className={css.soft}>{t("security.passwordOthers")}</p>
              <NewPassword
                label={t("security.newPassword")}
                submit={t("security.passwordSave")}
                error={fault}
                busy={busy}
                onPassword={(password) =>
                  void run(async () => {
                    await setPassword(password);
                    finished("security.passwordDone");
                  })
                }
              />
            </div>
          )}
          {open === "app" && <AppSetup onDone={() => added("security.app.added")} />}
          {open === "passkey" && <PasskeySetup onDone={() => added("security.passkey.added")} />}
          {open === "appOff" && (
            <Sure
              text={t("security.app.removeText")}
              yes={t("security.app.remove")}
              fault={fault}
              busy={busy}
              onYes={() =>
                void run(async () => {
                  await ok(api.DELETE("/me/security/app"));
                  finished("security.app.removed");
                })
              }
            />
          )}
          {open === "recovery" && (
            <Sure
              text={t("security.recovery.renewText")}
              yes={t("security.recovery.make")}
              fault={fault}
              busy={busy}
              onYes={() => void run(makeCodes)}
            />
          )}
        </>
      )}
    </Dialog>
  );
}

function Sure({
  text,
  yes,
  fault,
  busy,
  onYes,
}: {
  text: string;
  yes: string;
  fault: string | undefined;
  busy: boolean;
  onYes: () => void;
}) {
  return (
    <div className={css.setup}>
      <p>{text}</p>
      {fault && <Notice tone="bad">{fault}</Notice>}
      <Button variant="primary" size="l" block busy={busy} onClick={onYes}>
        {yes}
      </Button>
    </div>
  );
}
