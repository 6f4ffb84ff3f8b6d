import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/errors";
import type { EmergencySettings } from "../../api/types";
import { servicesQuery } from "../../state/directory";
import { emergencySettingsQuery, useSaveEmergencySettings } from "../../state/emergency";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import styles from "./emergency.module.css";

/** How the clinic gives help at once; for its administrator. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(emergencySettingsQuery);
  return (
    <Dialog open onClose={onClose} title={t("emergencies.settings")} closeLabel={t("action.close")}>
      {data ? <Form settings={data} onClose={onClose} /> : <Loading label={t("loading")} />}
    </Dialog>
  );
}

function Form({ settings, onClose }: { settings: EmergencySettings; onClose: () => void }) {
  const { t } = useTranslation();
  const { data: services = [] } = useQuery(servicesQuery);
  const save = useSaveEmergencySettings();
  const toasts = useToasts();
  const errorText = useErrorText();
  const [draft, setDraft] = useState(settings);
  const field = (pointer: string) =>
    save.error instanceof ApiError ? save.error.fields.get(pointer) : undefined;
  const send = () =>
    save.mutate(draft, {
      onSuccess: () => {
        toasts.show(t("emergencies.saved"));
        onClose();
      },
    });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Field
        label={t("emergencies.dutyEmail")}
        hint={t("emergencies.contactHint")}
        type="email"
        value={draft.dutyEmail ?? ""}
        error={field("/dutyEmail")}
        onChange={(event) => setDraft({ ...draft, dutyEmail: event.target.value })}
      />
      <Field
        label={t("emergencies.dutyPhone")}
        type="tel"
        value={draft.dutyPhone ?? ""}
        error={field("/dutyPhone")}
        onChange={(event) => setDraft({ ...draft, dutyPhone: event.target.value })}
      />
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={draft.payLater}
          onChange={(event) => setDraft({ ...draft, payLater: event.target.checked })}
        />
        {t("emergencies.payLater")}
      </label>
      <fieldset>
        <legend className={styles.strong}>{t("emergencies.services")}</legend>
        {services.map((one) => (
          <label key={one.id} className={styles.check}>
            <input
              type="checkbox"
              checked={draft.serviceIds.includes(one.id)}
              onChange={(event) =>
                setDraft({
                  ...draft,
                  serviceIds: event.target.checked
                    ? [...draft.serviceIds, one.id]
                    : draft.serviceIds.filter((id) => id !== one.id),
                })
              }
            />
            {one.name}
          </label>
        ))}
      </fieldset>
      {save.error && <Notice tone="bad">{errorText(save.error)}</Notice>}
      <Button type="submit" variant="primary" block busy={save.isPending}>
        {t("emergencies.save")}
      </Button>
    </form>
  );
}
