import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Composition } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { buttonClass } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ShieldIcon } from "../../ui/icons";

/**
 * The end of the journey. The signature has closed the doctor's access to the card, so
 * nothing of its content is shown any more.
 */
export function Signed({ composition }: { composition: Composition | undefined }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { signedAt, signer = "" } = composition ?? {};
  return (
    <div data-testid="signed">
      <EmptyState
        icon={ShieldIcon}
        level={1}
        title={t("conclusion.signed")}
        action={
          <Link to="/calendar" className={buttonClass({ variant: "primary" })}>
            {t("room.toCalendar")}
          </Link>
        }
      >
        {signedAt && (
          <p>{t("conclusion.signedText", { signer, when: format.dateTime(signedAt) })}</p>
        )}
        <p>{t("conclusion.signedAccess")}</p>
      </EmptyState>
    </div>
  );
}
