import { useTranslation } from "react-i18next";
import type { Consent } from "../../api/types";
import { AlertIcon } from "../../ui/icons";
import css from "./agreements.module.css";
import visit from "./visit.module.css";

/** Texts to read and agree to, each by its own tick. */
export function Agreements({
  texts,
  agreed,
  onChange,
  error,
}: {
  texts: readonly Consent[];
  agreed: readonly string[];
  onChange: (ids: readonly string[]) => void;
  error?: string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className={css.box}>
      <legend className={visit.cardTitle}>{t("agree.title")}</legend>
      {texts.map((one) => (
        <div key={one.id} className={css.item}>
          <label className={css.label}>
            <input
              type="checkbox"
              checked={agreed.includes(one.id)}
              data-testid="agree"
              onChange={(event) =>
                onChange(
                  event.target.checked
                    ? [...agreed, one.id]
                    : agreed.filter((known) => known !== one.id),
                )
              }
            />
            <span>
              {one.title}
              {!one.required && <span className={visit.soft}> ({t("book.optional")})</span>}
            </span>
          </label>
          <details className={css.text}>
            <summary>{t("agree.read")}</summary>
            {one.text.split("\n\n").map((part) => (
              <p key={part}>{part}</p>
            ))}
          </details>
        </div>
      ))}
      {error && (
        <p className={css.error} role="alert" tabIndex={-1}>
          <AlertIcon size={18} />
          {error}
        </p>
      )}
    </fieldset>
  );
}
