import { useTranslation } from "react-i18next";
import { type DraftStep, faultOf, nextStep } from "../../state/cancelPolicy";
import { Button, IconButton } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { CloseIcon, PlusIcon } from "../../ui/icons";
import styles from "./admin.module.css";

const most = 10;

/** What a patient who cancels gets back, step by step; without steps the usual holds. */
export function CancelPolicy({
  value,
  usual,
  onChange,
}: {
  value: readonly DraftStep[];
  usual: readonly DraftStep[];
  onChange: (value: DraftStep[]) => void;
}) {
  const { t } = useTranslation();
  const own = value.length > 0;
  const wrong = faultOf(value);
  const set = (row: number, part: Partial<DraftStep>) =>
    onChange(value.map((step, i) => (i === row ? { ...step, ...part } : step)));
  return (
    <fieldset className={styles.policy} data-testid="cancel-policy">
      <legend>{t("clinicPage.cancel")}</legend>
      {!own && (
        <ul className={styles.soft}>
          {usual.map((step) => (
            <li key={step.hours}>{t("clinicPage.cancelStep", { ...step })}</li>
          ))}
        </ul>
      )}
      {value.map((step, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step has nothing else to be known by
        <div key={row} className={styles.step}>
          <Field
            label={t("visits.policy.hours")}
            inputMode="decimal"
            value={step.hours}
            error={
              wrong?.row === row && wrong.fault !== "percent"
                ? t(`visits.policy.fault.${wrong.fault}`)
                : undefined
            }
            onChange={(event) => set(row, { hours: event.target.value })}
          />
          <Field
            label={t("visits.policy.percent")}
            inputMode="numeric"
            value={step.percent}
            error={
              wrong?.row === row && wrong.fault === "percent"
                ? t("visits.policy.fault.percent")
                : undefined
            }
            onChange={(event) => set(row, { percent: event.target.value })}
          />
          <IconButton
            icon={CloseIcon}
            size="s"
            label={t("visits.policy.remove", { n: row + 1 })}
            onClick={() => onChange(value.filter((_, i) => i !== row))}
          />
        </div>
      ))}
      {own && <p className={styles.soft}>{t("visits.policy.below")}</p>}
      <div className={styles.actions}>
        {own ? (
          <>
            {value.length < most && (
              <Button
                size="s"
                icon={PlusIcon}
                onClick={() => onChange([...value, nextStep(value)])}
              >
                {t("visits.policy.add")}
              </Button>
            )}
            <Button size="s" onClick={() => onChange([])}>
              {t("visits.policy.usual")}
            </Button>
          </>
        ) : (
          <Button size="s" data-testid="own-policy" onClick={() => onChange([...usual])}>
            {t("visits.policy.own")}
          </Button>
        )}
      </div>
    </fieldset>
  );
}
