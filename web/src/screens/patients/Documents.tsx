import { useTranslation } from "react-i18next";
import { documentUrl } from "../../api/files";
import type { Document } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { cx } from "../../ui/cx";
import { DocumentIcon, DownloadIcon, FileIcon } from "../../ui/icons";
import styles from "./CardScreen.module.css";

/** Signed conclusions and files from the chat, newest first. */
export function Documents({ documents }: { documents: readonly Document[] }) {
  const { t } = useTranslation();
  const format = useFormats();
  if (documents.length === 0) {
    return (
      <p className={styles.none}>
        {t("card.noDocuments")}. {t("card.noDocumentsText")}
      </p>
    );
  }
  const sorted = [...documents].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <ul className={styles.documents}>
      {sorted.map((doc) => {
        const pdf = doc.mime === "application/pdf";
        const Icon = doc.kind === "conclusion" ? DocumentIcon : FileIcon;
        const old = doc.status === "superseded";
        return (
          <li key={doc.id} className={cx(styles.document, old && styles.old)}>
            <a
              href={documentUrl(doc.id, pdf)}
              target={pdf ? "_blank" : undefined}
              rel="noreferrer"
              className={styles.open}
              data-testid="document"
              data-kind={doc.kind}
            >
              <span className={cx(styles.icon, doc.kind === "conclusion" && styles.signed)}>
                <Icon size={22} />
              </span>
              <span className={styles.about}>
                <span className={styles.name}>{doc.title}</span>
                <span className={styles.soft}>
                  {t(`card.${doc.kind}`)}, {format.date(doc.createdAt)}, {format.fileSize(doc.size)}
                  {old && `, ${t("card.superseded")}`}
                </span>
                <span className={styles.soft}>{doc.author}</span>
              </span>
            </a>
            {pdf && (
              <a
                href={documentUrl(doc.id)}
                className={styles.save}
                aria-label={t("card.downloadDoc", { name: doc.title })}
                title={t("action.download")}
              >
                <DownloadIcon size={20} />
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}
