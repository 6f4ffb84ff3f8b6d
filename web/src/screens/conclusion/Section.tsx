import { useTranslation } from "react-i18next";
import type { SectionName } from "../../api/types";
import { fitsCode, looksLikeIcd10, tidyCode } from "../../state/draft";
import { Button } from "../../ui/Button";
import { Field, TextArea } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import styles from "./ConclusionScreen.module.css";

/** One section of the conclusion, with all that is to be said about it. */
export function Section({
  name,
  value,
  mandatory,
  prefilled,
  missing,
  theirs,
  disabled,
  onChange,
  onLeave,
  onSettle,
}: {
  name: SectionName;
  value: string;
  mandatory: boolean;
  prefilled: boolean;
  missing: boolean;
  /** Another text saved elsewhere, while one's own differs. */
  theirs: string | undefined;
  disabled: boolean;
  onChange: (value: string) => void;
  onLeave: () => void;
  onSettle: (choice: "mine" | "theirs") => void;
}) {
  const { t } = useTranslation();
  const marks = [
    mandatory && t("conclusion.mandatory"),
    prefilled && value !== "" && t("conclusion.filled"),
  ].filter(Boolean);
  const common = {
    id: `section-${name}`,
    label: t(`conclusion.sections.${name}`),
    mark: marks.length > 0 ? marks.join(", ") : undefined,
    hint: t(`conclusion.hints.${name}`),
    value,
    error: missing ? t("booking.required") : undefined,
    readOnly: disabled,
    "aria-required": mandatory,
    onBlur: onLeave,
  };
  return (
    <div className={styles.section}>
      {name === "diagnosisCode" ? (
        <Field
          {...common}
          className={styles.code}
          maxLength={16}
          autoCapitalize="characters"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(tidyCode(event.target.value))}
        />
      ) : (
        <TextArea
          {...common}
          rows={name === "diagnosis" ? 2 : 4}
          maxLength={name === "diagnosis" ? 2000 : 10_000}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {name === "diagnosisCode" && <CodeNote code={value} />}
      {theirs !== undefined && (
        <Notice
          tone="bad"
          title={t("conclusion.clashTitle")}
          action={
            <span className={styles.choices}>
              <Button size="s" onClick={() => onSettle("mine")}>
                {t("conclusion.keepMine")}
              </Button>
              <Button size="s" onClick={() => onSettle("theirs")}>
                {t("conclusion.takeTheirs")}
              </Button>
            </span>
          }
        >
          {t("conclusion.clashTheirs")}{" "}
          <q className={styles.theirs}>{theirs || t("conclusion.empty")}</q>
        </Notice>
      )}
    </div>
  );
}

/** Says what is unusual about a code: one that can't be kept, or one that is only odd. */
function CodeNote({ code }: { code: string }) {
  const { t } = useTranslation();
  if (!fitsCode(code)) return <Notice tone="bad">{t("conclusion.codeWrong")}</Notice>;
  if (code.length < 3 || looksLikeIcd10(code)) return null;
  return <Notice tone="warn">{t("conclusion.codeOdd")}</Notice>;
}
