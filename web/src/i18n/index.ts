import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";

export const languages = ["en", "ru"] as const;
export type Language = (typeof languages)[number];

/** What the languages call themselves. */
export const languageNames: Record<Language, string> = { en: "English", ru: "Русский" };

export interface Strings {
  [key: string]: string | Strings;
}

/** Fetches the strings of one language; each entry of the application has its own set. */
export type Loader = (language: Language) => Promise<Strings>;

export function isLanguage(value: unknown): value is Language {
  return languages.includes(value as Language);
}

/** The first of the wanted languages that we speak; English when there is none. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    if (isLanguage(base)) return base;
  }
  return "en";
}

let load: Loader | undefined;

/** Starts translation with one language; call once, before the first render. */
export async function startI18n(loader: Loader, language: Language): Promise<i18n> {
  load = loader;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: await loader(language) } },
    // React escapes what it renders.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
  return i18next;
}

/**
 * Switches the whole page to a language, fetching its strings if need be. False when the
 * page speaks it already.
 */
export async function setLanguage(language: Language): Promise<boolean> {
  if (i18next.language === language) return false;
  if (load && !i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await load(language));
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  return true;
}
