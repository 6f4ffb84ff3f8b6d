import { useTranslation } from "react-i18next";
import type { Practitioner } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { licenceMark } from "../../state/licence";
import { cx } from "../../ui/cx";
import { AlertIcon } from "../../ui/icons";
import styles from "./TeamScreen.module.css";

/** A doctor's licence, with a mark when it ends soon or has ended. */
export function Licence({
  licence,
  now,
}: {
  licence: NonNullable<Practitioner["licence"]>;
  now: Date;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const mark = licenceMark(licence.expires, format.zone, now);
  return (
    <div>
      <dt>{t("licence.title")}</dt>
      <dd>
        {licence.no}, {t("licence.until", { date: format.date(licence.expires) })}
        {mark.kind !== "good" && (
          <span
            className={cx(styles.mark, mark.kind === "expired" && styles.expired)}
            data-testid="licence-mark"
          >
            <AlertIcon size={16} />
            {mark.kind === "expired"
              ? t("licence.expired")
              : mark.days === 0
                ? t("licence.today")
                : t("licence.left", { count: mark.days })}
          </span>
        )}
        {mark.kind === "expired" && <span className={styles.stop}>{t("licence.stop")}</span>}
      </dd>
    </div>
  );
}
