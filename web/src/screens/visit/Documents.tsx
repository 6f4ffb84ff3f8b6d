import { useTranslation } from "react-i18next";
import { documentUrl } from "../../api/files";
import type { Document } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button } from "../../ui/Button";
import { ChevronRightIcon, DocumentIcon, DownloadIcon, FileIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import type { VisitState } from "../../visit/store";
import css from "./visit.module.css";

/** The patient's documents, newest first. */
export function Documents({ state, onAgain }: { state: VisitState; onAgain: () => void }) {
  const { t } = useTranslation();
  // A conclusion that was amended stays, and says so.
  const shown = state.documents;
  return (
    <section className={css.card} aria-labelledby="documents-title">
      <h2 id="documents-title" className={css.cardTitle}>
        {t("visit.documents.title")}
      </h2>
      {!state.loaded && <Skeleton label={t("visit.documents.loading")} />}
      {state.failed && (
        <Notice tone="bad" action={<Button onClick={onAgain}>{t("visit.link.again")}</Button>}>
          {t("visit.documents.failed")}
        </Notice>
      )}
      {state.loaded && !state.failed && shown.length === 0 && (
        <p className={css.soft}>{t("visit.documents.none")}</p>
      )}
      <DocumentList documents={shown} />
    </section>
  );
}

/** Rows of documents; a PDF opens in the browser's own viewer, other files are saved. */
export function DocumentList({ documents }: { documents: readonly Document[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (documents.length === 0) return null;
  return (
    <ul className={css.documents}>
      {documents.map((one) => {
        const pdf = one.mime === "application/pdf";
        const Icon = one.kind.endsWith("_file") ? FileIcon : DocumentIcon;
        return (
          <li key={one.id}>
            <a
              className={css.document}
              data-testid="document"
              data-kind={one.kind}
              href={documentUrl(one.id, pdf)}
              {...(pdf ? { target: "_blank", rel: "noopener" } : { download: one.title })}
            >
              <span className={css.documentIcon}>
                <Icon size={26} />
              </span>
              <span className={css.documentText}>
                <strong>{one.title}</strong>
                <span className={css.soft}>
                  {formats.date(one.createdAt)} · {formats.fileSize(one.size)}
                  {one.status === "superseded" && ` · ${t("book.replaced")}`}
                </span>
              </span>
              <span className={css.documentAct}>
                {pdf ? (
                  <>
                    <span>{t("visit.documents.open")}</span>
                    <ChevronRightIcon size={20} />
                  </>
                ) : (
                  <>
                    <DownloadIcon size={22} />
                    <span className="sr-only">{t("visit.documents.download")}</span>
                  </>
                )}
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
