import { useTranslation } from "react-i18next";
import { languageNames, languages } from "../../i18n";
import { useLanguageSwitch } from "../../state/me";
import { useErrorText, useToasts } from "../../state/toast";
import { cx } from "../../ui/cx";
import styles from "./LanguageSwitch.module.css";

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const change = useLanguageSwitch();
  const toasts = useToasts();
  const errorText = useErrorText();
  return (
    <fieldset className={styles.switch}>
      <legend className="sr-only">{t("language.label")}</legend>
      {languages.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          className={cx(styles.choice, i18n.language === language && styles.on)}
          aria-pressed={i18n.language === language}
          title={languageNames[language]}
          onClick={() => change(language).catch((error) => toasts.show(errorText(error), "bad"))}
        >
          <span aria-hidden="true">{language.toUpperCase()}</span>
          <span className="sr-only">{languageNames[language]}</span>
        </button>
      ))}
    </fieldset>
  );
}
