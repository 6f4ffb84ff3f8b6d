import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "../../api/errors";
import type { Composition, Encounter, SectionName } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { fitsCode, missingSections } from "../../state/draft";
import { keys } from "../../state/keys";
import { takeOver, type Words } from "../../state/record";
import { useErrorText, useToasts } from "../../state/toast";
import { compositionQuery, signComposition, useDraft } from "../../state/useDraft";
import { Button } from "../../ui/Button";
import { DocumentIcon, PenIcon, SignIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { IntakePanel } from "../intake/IntakePanel";
import styles from "./ConclusionScreen.module.css";
import { Preview } from "./Preview";
import { SaveState } from "./SaveState";
import { Section } from "./Section";
import { sectionOrder } from "./sections";

export function Editor({
  title,
  initial,
  encounter,
  onSigning,
}: {
  title: string;
  initial: Composition;
  encounter: Encounter;
  onSigning: (signing: boolean) => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const cache = useQueryClient();
  const toasts = useToasts();
  const errorText = useErrorText();
  const [draft, state] = useDraft(initial);
  const [preview, setPreview] = useState(false);
  const [marked, setMarked] = useState(false);
  const { sections, composition, clashes, phase } = state;
  const missing = missingSections(composition.mandatory, sections);

  const sign = useMutation({
    onMutate: () => onSigning(true),
    onSettled: () => onSigning(false),
    mutationFn: async () => {
      const saved = await draft.flush();
      if (!saved) return null;
      return signComposition(encounter.id, draft.getSnapshot().composition.version);
    },
    onSuccess: (signed) => {
      if (!signed) return;
      draft.close(signed);
      cache.setQueryData(compositionQuery(encounter.id).queryKey, signed);
      for (const queryKey of [keys.appointments, keys.card, keys.encounter]) {
        void cache.invalidateQueries({ queryKey });
      }
    },
    onError: (error) => {
      setMarked(isApiError(error, "incomplete"));
      toasts.show(errorText(error), "bad");
    },
  });

  const trySigning = () => {
    const first = missing[0] ?? (fitsCode(sections.diagnosisCode) ? undefined : "diagnosisCode");
    if (!first) {
      sign.mutate();
      return;
    }
    setPreview(false);
    setMarked(true);
    requestAnimationFrame(() => document.getElementById(`section-${first}`)?.focus());
  };

  const take = (words: Words): boolean => {
    const next = takeOver(draft.getSnapshot().sections, words);
    if (!next) return false;
    for (const name of ["complaint", "anamnesis"] as const) {
      if (next[name] !== draft.getSnapshot().sections[name]) draft.edit(name, next[name]);
    }
    return true;
  };

  const closed = phase === "closed";
  const { appointment } = encounter;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1>{title}</h1>
          <p className={styles.visit}>
            {appointment.service.name}, {format.dayInline(appointment.start)},{" "}
            <span className="tnum">{format.timeRange(appointment.start, appointment.end)}</span>
          </p>
        </div>
      </header>
      {marked && missing.length > 0 && (
        <Notice tone="bad" title={t("conclusion.missing", { count: missing.length })}>
          {missing.map((name) => t(`conclusion.sections.${name}`)).join(", ")}
        </Notice>
      )}
      {!preview && !closed && (
        <details className={styles.told}>
          <summary>{t("intake.before")}</summary>
          <IntakePanel appointment={appointment} onTake={take} />
        </details>
      )}
      {preview ? (
        <Preview encounter={encounter} sections={sections} />
      ) : (
        <div className={styles.sheet}>
          {sectionOrder.map((name: SectionName) => (
            <Section
              key={name}
              name={name}
              value={sections[name]}
              mandatory={composition.mandatory.includes(name)}
              prefilled={
                composition.prefilled.includes(name) && sections[name] === initial.sections[name]
              }
              missing={marked && missing.includes(name)}
              theirs={clashes[name]}
              disabled={closed}
              onChange={(value) => draft.edit(name, value)}
              onLeave={() => void draft.flush()}
              onSettle={(choice) => draft.settle(name, choice)}
            />
          ))}
        </div>
      )}
      <p className={styles.note}>{t("conclusion.signNote")}</p>
      <footer className={styles.bar}>
        <span className={styles.fill}>
          <SaveState state={state} />
        </span>
        <Button icon={preview ? PenIcon : DocumentIcon} onClick={() => setPreview(!preview)}>
          {t(preview ? "conclusion.edit" : "conclusion.preview")}
        </Button>
        <Button
          variant="primary"
          icon={SignIcon}
          data-testid="sign"
          disabled={closed || phase === "clash"}
          busy={sign.isPending}
          onClick={trySigning}
        >
          {t("conclusion.sign")}
        </Button>
      </footer>
    </div>
  );
}
