import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { practitionersQuery } from "../../state/directory";
import { keys } from "../../state/keys";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field, Select } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import styles from "./people.module.css";

/** Gives a patient another attending doctor. */
export function Transfer({
  patient,
  attendingId,
  onClose,
}: {
  patient: { id: string; name: string };
  attendingId: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const toasts = useToasts();
  const errorText = useErrorText();
  const { data: doctors } = useQuery(practitionersQuery);
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      ok(
        api.POST("/patients/{id}/transfer", {
          params: { path: { id: patient.id } },
          body: { practitionerId: to, reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: keys.patients });
      toasts.show(t("transfer.done"));
      onClose();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setMissing(to === "");
    if (to !== "") mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("transfer.title", { name: patient.name })}
      closeLabel={t("action.close")}
    >
      <form className={styles.form} onSubmit={send} noValidate>
        <p className={styles.soft}>{t("transfer.hint")}</p>
        <Select
          label={t("transfer.to")}
          value={to}
          error={missing ? t("invite.needDoctor") : undefined}
          data-testid="transfer-to"
          onChange={(event) => setTo(event.target.value)}
        >
          <option value="">{t("invite.chooseDoctor")}</option>
          {(doctors ?? [])
            .filter((one) => one.id !== attendingId)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
        </Select>
        <Field
          label={t("transfer.reason")}
          mark={t("invite.optional")}
          value={reason}
          maxLength={500}
          autoComplete="off"
          onChange={(event) => setReason(event.target.value)}
        />
        {error && <Notice tone="bad">{errorText(error)}</Notice>}
        <div className={styles.row}>
          <Button type="submit" variant="primary" busy={isPending} data-testid="transfer-send">
            {t("transfer.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
