import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Invitation } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { keys } from "../../state/keys";
import { useMe } from "../../state/me";
import { invitationsQuery } from "../../state/patients";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Notice } from "../../ui/Notice";
import styles from "./people.module.css";

/** Invitations that wait for a decision of the desk, or all others; nothing when there are none. */
export function Invitations({ waiting }: { waiting: boolean }) {
  const { t } = useTranslation();
  const { data } = useQuery(invitationsQuery);
  const items = data?.items.filter((one) => (one.state === "review") === waiting) ?? [];
  const title = useId();
  if (items.length === 0) return null;
  return (
    <section className={styles.block} aria-labelledby={title}>
      <h2 id={title}>{t(waiting ? "invite.waitingTitle" : "invite.listTitle")}</h2>
      <ul className={styles.list}>
        {items.map((one) => (
          <Row key={one.id} invitation={one} />
        ))}
      </ul>
    </section>
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation();
  const format = useFormats();
  const me = useMe();
  const { act, busy } = useInvitation(invitation.id);
  const { state } = invitation;
  const open = state === "open" || state === "expired";
  return (
    <li className={styles.item} data-testid="invitation" data-state={state}>
      <div className={styles.about}>
        <strong>{invitation.patient?.name ?? invitation.name ?? invitation.address}</strong>
        {(invitation.patient || invitation.name) && (
          <span className={styles.soft}>{invitation.address}</span>
        )}
        <span className={styles.soft}>
          {t("invite.sentOn", { date: format.date(invitation.sent) })}
          {me.role !== "practitioner" && `, ${invitation.practitioner.name}`}
        </span>
      </div>
      <span className={cx(styles.state, styles[state])}>
        {t(`invite.state.${state}`)}
        {state === "open" && (
          <span>{t("invite.until", { date: format.date(invitation.expires) })}</span>
        )}
        {state === "accepted" && invitation.known && <span>{t("invite.known")}</span>}
      </span>
      {open && (
        <div className={styles.row}>
          <Button size="s" busy={busy} onClick={() => act("resend")}>
            {t("invite.resend")}
          </Button>
          {state === "open" && (
            <Button size="s" variant="quiet" busy={busy} onClick={() => act("revoke")}>
              {t("invite.revoke")}
            </Button>
          )}
        </div>
      )}
      {state === "review" && invitation.given && invitation.match && (
        <div className={styles.wide}>
          <Notice tone="warn" title={t("invite.reviewTitle")}>
            <p>
              {t("invite.reviewText", {
                name: invitation.given.name,
                date: format.date(`${invitation.given.birthDate}T12:00:00Z`),
                match: invitation.match.name,
              })}
            </p>
            <div className={styles.row}>
              <Button size="s" busy={busy} onClick={() => act("same")}>
                {t("invite.same")}
              </Button>
              <Button size="s" busy={busy} onClick={() => act("another")}>
                {t("invite.another")}
              </Button>
            </div>
          </Notice>
        </div>
      )}
    </li>
  );
}

type Act = "resend" | "revoke" | "same" | "another";

function useInvitation(id: string) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const toasts = useToasts();
  const errorText = useErrorText();
  const params = { path: { id } };
  const { mutate, isPending } = useMutation({
    mutationFn: async (act: Act) => {
      if (act === "resend") return ok(api.POST("/invitations/{id}/resend", { params }));
      if (act === "revoke") return ok(api.DELETE("/invitations/{id}", { params }));
      const body = { same: act === "same" };
      return ok(api.POST("/invitations/{id}/decide", { params, body }));
    },
    onSuccess: (_, act) => toasts.show(t(`invite.done.${act}`)),
    onError: (error) => toasts.show(errorText(error), "bad"),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.invitations }),
  });
  return { act: mutate, busy: isPending };
}
