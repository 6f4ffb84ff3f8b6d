import { useTranslation } from "react-i18next";
import type { QuestionKind, QuestionText } from "../../api/types";
import { hasOptions, newOption, questionKinds, withKind } from "../../state/questionnaire";
import { Button, IconButton } from "../../ui/Button";
import { Field, Select } from "../../ui/Field";
import { CloseIcon, PlusIcon } from "../../ui/icons";
import styles from "./admin.module.css";
import own from "./questions.module.css";

/** One question being written. */
export function QuestionCard({
  question,
  n,
  of,
  language,
  fallback,
  wrong,
  onChange,
  onMove,
  onRemove,
}: {
  question: QuestionText;
  n: number;
  of: number;
  language: string;
  /** The clinic's first language, when another one is being written: its words are the hint. */
  fallback: string | undefined;
  /** Parts that the server would not take: "label/ru", "options/0/label/ru". */
  wrong: readonly string[];
  onChange: (next: QuestionText) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const inFirst = (text: Record<string, string> | undefined) =>
    fallback ? text?.[fallback] : undefined;
  const fault = (part: string) =>
    wrong.some((one) => one === part || one.startsWith(`${part}/`))
      ? t("questions.check")
      : undefined;
  const text = (part: "label" | "help" | "unit", value: string) =>
    onChange({ ...question, [part]: { ...question[part], [language]: value } });
  const bound = (part: "min" | "max", typed: string) => {
    const { [part]: _, ...rest } = question;
    const value = Number(typed.replace(",", "."));
    onChange(typed.trim() === "" || Number.isNaN(value) ? rest : { ...rest, [part]: value });
  };
  const options = question.options ?? [];
  const setOptions = (next: typeof options) => onChange({ ...question, options: next });
  const name = question.label[language] || inFirst(question.label) || String(n);
  return (
    <li className={styles.card} data-question={question.id} data-testid="question">
      <div className={styles.head}>
        <h2 className={own.number}>{t("questions.question", { n })}</h2>
        <span className={styles.actions}>
          <Button size="s" disabled={n === 1} onClick={() => onMove(-1)}>
            {t("questions.up")}
            <span className="sr-only">: {name}</span>
          </Button>
          <Button size="s" disabled={n === of} onClick={() => onMove(1)}>
            {t("questions.down")}
            <span className="sr-only">: {name}</span>
          </Button>
          <IconButton icon={CloseIcon} label={t("questions.remove", { name })} onClick={onRemove} />
        </span>
      </div>
      <Field
        label={t("questions.label")}
        hint={inFirst(question.label)}
        maxLength={300}
        lang={language}
        value={question.label[language] ?? ""}
        error={fault(`label`)}
        onChange={(event) => text("label", event.target.value)}
      />
      <Field
        label={t("questions.help")}
        mark={t("questions.optional")}
        hint={inFirst(question.help)}
        maxLength={500}
        lang={language}
        value={question.help?.[language] ?? ""}
        error={fault("help")}
        onChange={(event) => text("help", event.target.value)}
      />
      <div className={styles.pair}>
        <Select
          label={t("questions.kindLabel")}
          value={question.kind}
          onChange={(event) => onChange(withKind(question, event.target.value as QuestionKind))}
        >
          {questionKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`questions.kind.${kind}`)}
            </option>
          ))}
        </Select>
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={question.required}
            onChange={(event) => onChange({ ...question, required: event.target.checked })}
          />
          {t("questions.required")}
        </label>
      </div>
      {question.kind === "number" && (
        <div className={own.bounds}>
          <Field
            label={t("questions.unit")}
            mark={t("questions.optional")}
            hint={inFirst(question.unit)}
            maxLength={20}
            value={question.unit?.[language] ?? ""}
            error={fault("unit")}
            onChange={(event) => text("unit", event.target.value)}
          />
          <Field
            label={t("questions.min")}
            type="number"
            step="any"
            defaultValue={question.min}
            error={fault("min")}
            onChange={(event) => bound("min", event.target.value)}
          />
          <Field
            label={t("questions.max")}
            type="number"
            step="any"
            defaultValue={question.max}
            error={fault("max")}
            onChange={(event) => bound("max", event.target.value)}
          />
        </div>
      )}
      {hasOptions(question.kind) && (
        <fieldset className={own.options}>
          <legend>{t("questions.options")}</legend>
          {options.map((option, i) => (
            <div key={option.id} className={own.option}>
              <Field
                label={<span className="sr-only">{t("questions.option", { n: i + 1 })}</span>}
                placeholder={inFirst(option.label) ?? t("questions.option", { n: i + 1 })}
                maxLength={120}
                lang={language}
                value={option.label[language] ?? ""}
                error={fault(`options/${i}`)}
                onChange={(event) =>
                  setOptions(
                    options.map((one) =>
                      one.id === option.id
                        ? { ...one, label: { ...one.label, [language]: event.target.value } }
                        : one,
                    ),
                  )
                }
              />
              <IconButton
                icon={CloseIcon}
                label={t("questions.removeOption", { n: i + 1 })}
                disabled={options.length <= 2}
                onClick={() => setOptions(options.filter((one) => one.id !== option.id))}
              />
            </div>
          ))}
          <Button
            size="s"
            icon={PlusIcon}
            disabled={options.length >= 30}
            onClick={() => setOptions([...options, newOption()])}
          >
            {t("questions.addOption")}
          </Button>
        </fieldset>
      )}
    </li>
  );
}
