import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Composition, Encounter, SectionName } from "../../api/types";
import { fitsCode, missingSections } from "../../state/draft";
import { keys } from "../../state/keys";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { TextArea } from "../../ui/Field";
import { SignIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import styles from "./ConclusionScreen.module.css";
import { Section } from "./Section";
import { sectionOrder } from "./sections";

/** A signed conclusion is never changed: a new version of it is signed, with the reason. */
export function Amend({
  encounter,
  signed,
  onAmended,
  onBack,
}: {
  encounter: Encounter;
  /** The version that is signed now. */
  signed: Composition;
  onAmended: (made: Composition) => void;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const toasts = useToasts();
  const errorText = useErrorText();
  const [sections, setSections] = useState(signed.sections);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const missing = missingSections(signed.mandatory, sections);
  const changed = sectionOrder.filter((name) => sections[name] !== signed.sections[name]);
  const right = missing.length === 0 && fitsCode(sections.diagnosisCode) && changed.length > 0;
  const sign = useMutation({
    mutationFn: () =>
      ok(
        api.POST("/encounters/{id}/composition/amend", {
          params: {
            path: { id: encounter.id },
            header: { "If-Match": `"${signed.version}"` },
          },
          body: { sections, reason: reason.trim() },
        }),
      ),
    onSuccess: (made) => {
      for (const queryKey of [keys.appointments, keys.card, keys.encounter]) {
        void cache.invalidateQueries({ queryKey });
      }
      onAmended(made);
    },
    onError: (error) => toasts.show(errorText(error), "bad"),
  });
  return (
    <div className={styles.page} data-testid="amend">
      <header className={styles.head}>
        <div>
          <h1>{t("visits.amend.title")}</h1>
          <p className={styles.visit}>{encounter.appointment.patient.name}</p>
        </div>
      </header>
      <Notice>{t("visits.amend.intro")}</Notice>
      <div className={styles.sheet}>
        <TextArea
          id="amend-reason"
          label={t("visits.amend.reason")}
          hint={t("visits.amend.reasonHint")}
          rows={2}
          maxLength={500}
          value={reason}
          error={tried && reason.trim() === "" ? t("visits.amend.reasonNeeded") : undefined}
          onChange={(event) => setReason(event.target.value)}
        />
        {sectionOrder.map((name: SectionName) => (
          <div key={name}>
            <Section
              name={name}
              value={sections[name]}
              mandatory={signed.mandatory.includes(name)}
              prefilled={false}
              missing={tried && missing.includes(name)}
              theirs={undefined}
              disabled={false}
              onChange={(value) => setSections((now) => ({ ...now, [name]: value }))}
              onLeave={() => undefined}
              onSettle={() => undefined}
            />
            {changed.includes(name) && (
              <p className={styles.note}>
                {t("visits.amend.was")}{" "}
                <q className={styles.theirs}>{signed.sections[name] || t("conclusion.empty")}</q>
              </p>
            )}
          </div>
        ))}
      </div>
      {tried && changed.length === 0 && <Notice tone="warn">{t("visits.amend.nothing")}</Notice>}
      <footer className={styles.bar}>
        <span className={styles.fill} />
        <Button onClick={onBack}>{t("action.cancel")}</Button>
        <Button
          variant="primary"
          icon={SignIcon}
          busy={sign.isPending}
          data-testid="sign-amendment"
          onClick={() => {
            setTried(true);
            if (reason.trim() === "") document.getElementById("amend-reason")?.focus();
            else if (right) sign.mutate();
          }}
        >
          {t("visits.amend.sign")}
        </Button>
      </footer>
    </div>
  );
}
