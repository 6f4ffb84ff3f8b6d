import { useTranslation } from "react-i18next";

/** Says where in line somebody is. */
export function usePlace(): (before: number) => string {
  const { t } = useTranslation();
  return (before) =>
    before === 0 ? t("book.wait.first") : t("book.wait.before", { count: before });
}
