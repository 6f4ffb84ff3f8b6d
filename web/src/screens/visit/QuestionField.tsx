import { useTranslation } from "react-i18next";
import type { IntakeQuestion } from "../../api/types";
import { isNumber, tidyNumber } from "../../state/intake";
import { DatePicker } from "../../ui/DatePicker";
import { Field, TextArea } from "../../ui/Field";
import { AlertIcon } from "../../ui/icons";
import css from "./intake.module.css";

/** One question of the questionnaire, by its kind. */
export function QuestionField({
  question,
  values,
  wrong,
  disabled,
  onChange,
}: {
  question: IntakeQuestion;
  values: readonly string[];
  wrong: boolean;
  disabled: boolean;
  onChange: (values: readonly string[]) => void;
}) {
  const { t, i18n } = useTranslation();
  const { kind, help, required } = question;
  const id = `answer:${question.id}`;
  const [value = ""] = values;
  const label = question.unit ? `${question.label}, ${question.unit}` : question.label;
  const mark = required ? undefined : t("intake.optional");
  const error = wrong ? faultOf(question, value, t) : undefined;
  const common = { id, label, mark, hint: help || undefined, error, readOnly: disabled, value };
  switch (kind) {
    case "text":
      return (
        <Field {...common} maxLength={500} onChange={(event) => onChange([event.target.value])} />
      );
    case "long_text":
      return (
        <TextArea
          {...common}
          maxLength={4000}
          onChange={(event) => onChange([event.target.value])}
        />
      );
    case "number":
      return (
        <Field
          {...common}
          className={css.number}
          inputMode="decimal"
          autoComplete="off"
          maxLength={16}
          error={error ?? (value !== "" && !isNumber(value) ? t("intake.number") : undefined)}
          onChange={(event) => onChange([tidyNumber(event.target.value)])}
        />
      );
    case "date":
      if (disabled) return <Field {...common} />;
      return (
        <div id={id}>
          <DatePicker
            label={mark ? `${label} (${mark})` : label}
            locale={i18n.language}
            value={value}
            error={error}
            onChange={(day) => onChange(day ? [day] : [])}
          />
          {help && <p className={css.help}>{help}</p>}
        </div>
      );
    default:
      return (
        <Choice
          {...{ question, values, disabled, onChange, label, mark, error }}
          options={
            kind === "yes_no"
              ? [
                  { id: "yes", label: t("intake.yes") },
                  { id: "no", label: t("intake.no") },
                ]
              : question.options
          }
        />
      );
  }
}

type Translate = ReturnType<typeof useTranslation>["t"];

function faultOf({ kind, min, max }: IntakeQuestion, value: string, t: Translate): string {
  if (value === "" || kind !== "number") return t("intake.answer");
  if (min !== undefined && max !== undefined) return t("intake.between", { min, max });
  if (min !== undefined) return t("intake.least", { min });
  return max === undefined ? t("intake.number") : t("intake.most", { max });
}

function Choice({
  question,
  options,
  values,
  label,
  mark,
  error,
  disabled,
  onChange,
}: {
  question: IntakeQuestion;
  options: IntakeQuestion["options"];
  values: readonly string[];
  label: string;
  mark: string | undefined;
  error: string | undefined;
  disabled: boolean;
  onChange: (values: readonly string[]) => void;
}) {
  const several = question.kind === "several_of";
  const id = `answer:${question.id}`;
  const toggle = (option: string, on: boolean) => {
    if (!several) onChange([option]);
    else onChange(on ? [...values, option] : values.filter((one) => one !== option));
  };
  return (
    <fieldset
      id={id}
      className={css.choice}
      aria-invalid={error ? true : undefined}
      aria-describedby={error ? `${id}-error` : undefined}
    >
      <legend>
        {label}
        {mark && <span className={css.mark}>{mark}</span>}
      </legend>
      {question.help && <p className={css.help}>{question.help}</p>}
      <div className={question.kind === "yes_no" ? css.pair : css.options}>
        {options.map((option) => (
          <label key={option.id} className={css.option}>
            <input
              type={several ? "checkbox" : "radio"}
              name={id}
              disabled={disabled}
              checked={values.includes(option.id)}
              onChange={(event) => toggle(option.id, event.target.checked)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      {error && (
        <p id={`${id}-error`} className={css.error}>
          <AlertIcon size={18} />
          {error}
        </p>
      )}
    </fieldset>
  );
}
