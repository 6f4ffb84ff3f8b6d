import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { useFormats } from "../../i18n/useFormats";
import { sessionsQuery, useSecurityChanged } from "../../state/security";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import css from "./security.module.css";

/** Where the viewer is signed in, and how to end it. */
export function Devices({ onOut }: { onOut: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const changed = useSecurityChanged();
  const { data, error, isPending, refetch } = useQuery(sessionsQuery);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);

  const end = async (id: string) => {
    try {
      await ok(api.DELETE("/sessions/{id}", { params: { path: { id } } }));
      toasts.show(t("security.devices.ended"), "good");
    } catch (fault) {
      toasts.show(errorText(fault), "bad");
    }
    await changed();
  };
  const everywhere = async () => {
    setBusy(true);
    try {
      await ok(api.DELETE("/sessions"));
      onOut();
    } catch (fault) {
      toasts.show(errorText(fault), "bad");
      setSure(false);
    }
    setBusy(false);
  };
  return (
    <section className={css.section} aria-labelledby="security-devices">
      <div className={css.head}>
        <div>
          <h2 id="security-devices">{t("security.devices.title")}</h2>
          <p className={css.soft}>{t("security.devices.text")}</p>
        </div>
        <Button onClick={() => setSure(true)}>{t("security.devices.everywhere")}</Button>
      </div>
      {isPending ? (
        <Skeleton lines={3} label={t("loading")} />
      ) : error ? (
        <Failed level={3} title={t("security.failed")} error={error} retry={refetch} />
      ) : (
        <ul className={css.list} data-testid="devices">
          {data.items.map((one) => {
            const name = one.device || t("security.devices.unknown");
            return (
              <li key={one.id} className={css.row}>
                <div>
                  <strong>{name}</strong>{" "}
                  {one.current && <span className={css.here}>{t("security.devices.here")}</span>}
                  <p className={css.soft}>
                    {t(one.by === "link" ? "security.devices.byLink" : "security.devices.since", {
                      date: formats.dateTime(one.createdAt),
                    })}
                    {" · "}
                    {t("security.devices.seen", { date: formats.dateTime(one.seenAt) })}
                  </p>
                </div>
                {!one.current && (
                  <Button
                    size="s"
                    aria-label={t("security.devices.endOf", { name })}
                    onClick={() => void end(one.id)}
                  >
                    {t("security.devices.end")}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <Dialog
        open={sure}
        onClose={() => setSure(false)}
        title={t("security.devices.everywhere")}
        closeLabel={t("action.close")}
      >
        <div className={css.setup}>
          <p>{t("security.devices.everywhereText")}</p>
          <Button variant="primary" size="l" block busy={busy} onClick={() => void everywhere()}>
            {t("security.devices.everywhere")}
          </Button>
        </div>
      </Dialog>
    </section>
  );
}
