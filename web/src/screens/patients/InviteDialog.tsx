import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { isApiError } from "../../api/errors";
import { practitionersQuery } from "../../state/directory";
import { keys } from "../../state/keys";
import { useMe } from "../../state/me";
import { invitationsQuery } from "../../state/patients";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field, Select } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import styles from "./people.module.css";

/** Invites a person by email or SMS: type where they are reached, send. */
export function InviteDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onClose={onClose} title={t("invite.title")} closeLabel={t("action.close")}>
      <InviteForm onDone={onClose} />
    </Dialog>
  );
}

function InviteForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const toasts = useToasts();
  const errorText = useErrorText();
  const cache = useQueryClient();
  const desk = me.role !== "practitioner";
  const doctors = useQuery({ ...practitionersQuery, enabled: desk });
  const channels = useQuery(invitationsQuery).data?.channels;
  const [contact, setContact] = useState("");
  const [name, setName] = useState("");
  const [doctor, setDoctor] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<{ contact?: string; doctor?: string; other?: string }>({});

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (desk && doctor === "") {
      setWrong({ doctor: t("invite.needDoctor") });
      return;
    }
    setBusy(true);
    setWrong({});
    try {
      const made = await ok(
        api.POST("/invitations", {
          body: {
            contact,
            ...(name.trim() ? { name: name.trim() } : {}),
            ...(desk ? { practitionerId: doctor } : {}),
          },
        }),
      );
      await cache.invalidateQueries({ queryKey: keys.invitations });
      toasts.show(t(made.repeated ? "invite.sentAgain" : "invite.sent", { to: made.address }));
      onDone();
    } catch (error) {
      setWrong(
        isApiError(error, "invalid")
          ? { contact: t("invite.wrongContact") }
          : { other: errorText(error) },
      );
      setBusy(false);
    }
  };

  const none = channels?.length === 0;
  return (
    <form className={styles.form} onSubmit={(event) => void send(event)} noValidate>
      <p className={styles.soft}>{t("invite.hint")}</p>
      {none && <Notice tone="warn">{t("invite.noChannels")}</Notice>}
      <Field
        label={t("invite.contact")}
        hint={t("invite.contactHint")}
        value={contact}
        maxLength={254}
        autoComplete="off"
        inputMode="email"
        autoFocus
        error={wrong.contact}
        data-testid="invite-contact"
        onChange={(event) => setContact(event.target.value)}
      />
      <Field
        label={t("invite.name")}
        mark={t("invite.optional")}
        value={name}
        maxLength={120}
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      {desk && (
        <Select
          label={t("invite.doctor")}
          value={doctor}
          error={wrong.doctor}
          onChange={(event) => setDoctor(event.target.value)}
        >
          <option value="">{t("invite.chooseDoctor")}</option>
          {(doctors.data ?? []).map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </Select>
      )}
      {wrong.other && <Notice tone="bad">{wrong.other}</Notice>}
      <div className={styles.row}>
        <Button type="submit" variant="primary" busy={busy} data-testid="invite-send">
          {t("invite.send")}
        </Button>
      </div>
    </form>
  );
}
