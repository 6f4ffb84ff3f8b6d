import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ok } from "../../api/client";
import type { Composition, Encounter } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useErrorText, useToasts } from "../../state/toast";
import { Button, buttonClass } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { PenIcon, ShieldIcon } from "../../ui/icons";
import { Amend } from "./Amend";
import styles from "./ConclusionScreen.module.css";
import { FollowUp } from "./FollowUp";
import { sectionOrder } from "./sections";

/**
 * The end of the journey. The signature has closed the doctor's access to the card, so
 * nothing of its content is shown any more; what can follow is one press away.
 */
export function Signed({
  composition,
  encounter,
}: {
  composition: Composition | undefined;
  encounter: Encounter | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const [made, setMade] = useState<{ before: Composition; now: Composition }>();
  // The reading is on the audit trail, so that it begins with a press.
  const reopen = useMutation({
    mutationFn: (id: string) =>
      ok(api.POST("/encounters/{id}/composition/reopen", { params: { path: { id } } })),
    onError: (error) => toasts.show(errorText(error), "bad"),
  });
  if (reopen.data && encounter) {
    return (
      <Amend
        encounter={encounter}
        signed={reopen.data}
        onBack={reopen.reset}
        onAmended={(now) => {
          if (reopen.data) setMade({ before: reopen.data, now });
          reopen.reset();
        }}
      />
    );
  }
  const { signedAt, signer = "" } = made?.now ?? composition ?? {};
  const actions = encounter?.appointment.actions ?? [];
  return (
    <div data-testid="signed" className={styles.signed}>
      <EmptyState
        icon={ShieldIcon}
        level={1}
        title={t(made ? "visits.amend.done" : "conclusion.signed")}
        action={
          <Link to="/calendar" className={buttonClass({ variant: "primary" })}>
            {t("room.toCalendar")}
          </Link>
        }
      >
        {signedAt && (
          <p>{t("conclusion.signedText", { signer, when: format.dateTime(signedAt) })}</p>
        )}
        {made && <p>{t("visits.amend.doneText", { reason: made.now.amendment ?? "" })}</p>}
        <p>{t("conclusion.signedAccess")}</p>
      </EmptyState>
      {made && <Versions {...made} />}
      {encounter && actions.includes("follow_up") && (
        <FollowUp appointmentId={encounter.appointment.id} />
      )}
      {encounter && actions.includes("amend") && (
        <Button
          icon={PenIcon}
          variant="quiet"
          busy={reopen.isPending}
          data-testid="amend-open"
          onClick={() => reopen.mutate(encounter.id)}
        >
          {t("visits.amend.open")}
        </Button>
      )}
    </div>
  );
}

/** What has changed, the new text beside the old one, until the page is left. */
function Versions({ before, now }: { before: Composition; now: Composition }) {
  const { t } = useTranslation();
  const changed = sectionOrder.filter((name) => before.sections[name] !== now.sections[name]);
  return (
    <section className={styles.versions} aria-labelledby="versions" data-testid="versions">
      <h2 id="versions">{t("visits.amend.versions")}</h2>
      {changed.map((name) => (
        <dl key={name}>
          <dt>{t(`conclusion.sections.${name}`)}</dt>
          <dd>
            <small>{t("visits.amend.now")}</small>
            {now.sections[name] || t("conclusion.empty")}
          </dd>
          <dd>
            <small>{t("visits.amend.before")}</small>
            <del>{before.sections[name] || t("conclusion.empty")}</del>
          </dd>
        </dl>
      ))}
    </section>
  );
}
