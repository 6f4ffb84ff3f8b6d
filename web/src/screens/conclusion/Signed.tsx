import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { documentUrl } from "../../api/files";
import type { Composition } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { buttonClass } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { DocumentIcon, ShieldIcon } from "../../ui/icons";
import styles from "./ConclusionScreen.module.css";
import { sectionOrder } from "./sections";

/** The end of the journey: what was signed, and where its PDF is. */
export function Signed({
  title,
  composition,
  patientId,
}: {
  title: string;
  composition: Composition;
  patientId: string;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const { documentId, signedAt, signer, sections } = composition;
  return (
    <div className={styles.page} data-testid="signed">
      <h1 className="sr-only">{title}</h1>
      <EmptyState
        icon={ShieldIcon}
        title={t("conclusion.signed")}
        action={
          <>
            {documentId && (
              <a
                href={documentUrl(documentId, true)}
                target="_blank"
                rel="noreferrer"
                className={buttonClass({ variant: "primary" })}
              >
                <DocumentIcon size={20} />
                {t("conclusion.openPdf")}
              </a>
            )}
            <Link to={`/patients/${patientId}`} className={buttonClass()}>
              {t("conclusion.toCard")}
            </Link>
            <Link to="/calendar" className={buttonClass()}>
              {t("room.toCalendar")}
            </Link>
          </>
        }
      >
        {signedAt &&
          t("conclusion.signedText", { signer: signer ?? "", when: format.dateTime(signedAt) })}
      </EmptyState>
      <div className={styles.sheet}>
        {sectionOrder
          .filter((name) => sections[name])
          .map((name) => (
            <section key={name} className={styles.read}>
              <h3>{t(`conclusion.sections.${name}`)}</h3>
              <p>{sections[name]}</p>
            </section>
          ))}
      </div>
    </div>
  );
}
