import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { documentUrl } from "../../api/files";
import { Button, buttonClass } from "../../ui/Button";
import { CheckIcon, DocumentIcon } from "../../ui/icons";
import { Spinner } from "../../ui/Spinner";
import { conclusionOf } from "../../visit/next";
import type { VisitState } from "../../visit/store";
import { useTitle } from "../call/useTitle";
import { DocumentList } from "./Documents";
import css from "./visit.module.css";

const NextVisit = lazy(() => import("../booking/NextVisit"));

interface Props {
  reason: string;
  guest: boolean;
  encounterId: string;
  state: VisitState;
  /** Whether the room can still be entered. */
  open: boolean;
  onAgain: () => void;
  /** Goes on with a time that is kept for the next visit. */
  onBook: (id: string) => void;
  onHome: () => void;
}

/** After the call: thanks and documents as they appear, or the way back in. */
export function After(props: Props) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(t("call.title.ended"));
  useEffect(() => heading.current?.focus(), []);
  // A guest's session ends with the consultation.
  const over =
    props.reason === "finished" || !props.open || (props.guest && props.reason === "revoked");
  return (
    <main className={css.main} id="main">
      <section className={css.after}>
        {over ? <Over {...props} heading={heading} /> : <Away {...props} heading={heading} />}
      </section>
    </main>
  );
}

type Inner = Props & { heading: React.RefObject<HTMLHeadingElement | null> };

function Over({ guest, encounterId, state, onBook, onHome, heading }: Inner) {
  const { t } = useTranslation();
  const visit = state.appointments.find((one) => one.encounterId === encounterId);
  const conclusion = conclusionOf(state.documents, encounterId);
  const files = state.documents.filter(
    (one) => one.encounterId === encounterId && one.kind === "chat_file",
  );
  if (guest) {
    return (
      <>
        <span className={css.bigSign}>
          <CheckIcon size={40} />
        </span>
        <h1 ref={heading} tabIndex={-1}>
          {t("visit.after.guestTitle")}
        </h1>
        <p>{t("visit.after.guestHint")}</p>
      </>
    );
  }
  return (
    <>
      <span className={css.bigSign}>
        <CheckIcon size={40} />
      </span>
      <h1 ref={heading} tabIndex={-1}>
        {t("visit.after.title")}
      </h1>
      <p>{t("visit.after.thanks")}</p>
      <div className={css.conclusion} role="status" data-testid="conclusion">
        {conclusion ? (
          <>
            <span className={css.documentIcon}>
              <DocumentIcon size={28} />
            </span>
            <div className={css.documentText}>
              <strong>{t("visit.after.ready")}</strong>
              <span className={css.soft}>{t("visit.after.readyHint")}</span>
            </div>
            <a
              className={buttonClass({ variant: "primary", size: "l" })}
              href={documentUrl(conclusion.id, true)}
              target="_blank"
              rel="noopener"
              data-testid="document"
              data-kind="conclusion"
              aria-label={t("visit.documents.openName", { name: conclusion.title })}
            >
              {t("visit.documents.open")}
            </a>
          </>
        ) : (
          <>
            <Spinner size={28} />
            <p className={css.documentText}>{t("visit.after.writing")}</p>
          </>
        )}
      </div>
      <DocumentList documents={files} />
      {visit?.actions.includes("follow_up") && (
        <Suspense>
          <NextVisit after={visit.id} onKept={onBook} />
        </Suspense>
      )}
      <Button onClick={onHome}>{t("visit.after.home")}</Button>
    </>
  );
}

/** Ends that are not the consultation's: each has its words and, mostly, a way back. */
const ends: Record<string, { words: string; back: string | undefined }> = {
  left: { words: "left", back: "visit.after.rejoin" },
  replaced: { words: "replaced", back: "visit.after.useHere" },
  kicked: { words: "removed", back: undefined },
  revoked: { words: "removed", back: undefined },
};

function Away({ reason, onAgain, onHome, guest, heading }: Inner) {
  const { t } = useTranslation();
  const { words, back } = ends[reason] ?? { words: "failed", back: "visit.after.again" };
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t(`visit.after.${words}Title`)}
      </h1>
      <p>{t(`visit.after.${words}Hint`)}</p>
      <div className={css.actions}>
        {back && (
          <Button variant="primary" size="l" data-testid="join" onClick={onAgain}>
            {t(back)}
          </Button>
        )}
        {!guest && (
          <Button size="l" onClick={onHome}>
            {t("visit.after.home")}
          </Button>
        )}
      </div>
    </>
  );
}
