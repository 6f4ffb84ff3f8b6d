import { createContext, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Formats, makeFormats } from "./format";

/** The clinic's IANA zone; the viewer's own until the clinic is known. */
export const ClinicZone = createContext(Intl.DateTimeFormat().resolvedOptions().timeZone);

/** Formats of the current language in the clinic's zone. */
export function useFormats(): Formats {
  const zone = useContext(ClinicZone);
  const { i18n } = useTranslation();
  return useMemo(() => makeFormats(i18n.language, zone), [i18n.language, zone]);
}
