import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isLanguage, type Language, languageNames, languages } from "../../i18n";
import { cx } from "../../ui/cx";
import { LogoutIcon } from "../../ui/icons";
import css from "./visit.module.css";

/** The frame of the patient's pages: the clinic's name, the language, the way out. */
export function Page({
  clinic,
  onLanguage,
  onSignOut,
  children,
}: {
  clinic: string | undefined;
  onLanguage: (language: Language) => void;
  onSignOut?: (() => void) | undefined;
  children: ReactNode;
}) {
  const { t, i18n } = useTranslation();
  return (
    <div className={css.page}>
      <a className={css.skip} href="#main">
        {t("visit.skip")}
      </a>
      <header className={css.header}>
        <span className={css.clinic}>
          <span className={css.mark} aria-hidden="true" />
          {clinic ?? t("app.name")}
        </span>
        <fieldset className={css.languages}>
          <legend className="sr-only">{t("visit.language")}</legend>
          {languages.map((language) => (
            <button
              key={language}
              type="button"
              lang={language}
              className={cx(css.language, i18n.language === language && css.current)}
              aria-pressed={i18n.language === language}
              title={languageNames[language]}
              onClick={() => isLanguage(language) && onLanguage(language)}
            >
              <span aria-hidden="true">{language.toUpperCase()}</span>
              <span className="sr-only">{languageNames[language]}</span>
            </button>
          ))}
        </fieldset>
        {onSignOut && (
          <button
            type="button"
            className={css.out}
            aria-label={t("visit.signOut")}
            title={t("visit.signOut")}
            onClick={onSignOut}
          >
            <LogoutIcon size={22} />
          </button>
        )}
      </header>
      {children}
    </div>
  );
}
