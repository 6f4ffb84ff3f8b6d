import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { isApiError } from "../../api/errors";
import { encounterQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { compositionQuery } from "../../state/useDraft";
import { buttonClass } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { DocumentIcon } from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./ConclusionScreen.module.css";
import { Editor } from "./Editor";
import { Signed } from "./Signed";

/** Writing and signing the conclusion after the consultation. */
export default function ConclusionScreen() {
  const { t } = useTranslation();
  const { encounterId = "" } = useParams();
  const me = useMe();
  const encounter = useQuery(encounterQuery(encounterId));
  // One's own signature closes the access too, a moment before its answer is here.
  const [signing, setSigning] = useState(false);
  const composition = useQuery(compositionQuery(encounterId));

  const name = encounter.data?.appointment.patient.name;
  const title = name ? t("conclusion.of", { name }) : t("conclusion.title");
  const error = composition.error ?? encounter.error;
  // The access may close while the page is open, by a signature on another device: nothing
  // of the text stays on screen then.
  const closed = isApiError(error, "not_found", "denied", "transition_refused", "access_closed");
  const own = composition.data?.status === "final" ? composition.data : undefined;
  const status = encounter.data?.appointment.status;
  const signed = own || (!signing && (status === "completed" || status === "amended"));
  return (
    <>
      <title>{`${t("conclusion.title")} · ${me.clinic.name}`}</title>
      {signed ? (
        <Signed composition={own} encounter={encounter.data} />
      ) : composition.data && encounter.data && (signing || !closed) ? (
        <Editor
          key={encounterId}
          title={title}
          initial={composition.data}
          encounter={encounter.data}
          onSigning={setSigning}
        />
      ) : closed ? (
        <EmptyState
          icon={DocumentIcon}
          level={1}
          title={t("conclusion.unavailable")}
          action={
            <Link to="/calendar" className={buttonClass({ variant: "primary" })}>
              {t("room.toCalendar")}
            </Link>
          }
        >
          {t("conclusion.unavailableText")}
        </EmptyState>
      ) : error ? (
        <Failed
          level={1}
          title={t("error.title")}
          error={error}
          retry={() => {
            void composition.refetch();
            void encounter.refetch();
          }}
        />
      ) : (
        <div className={styles.sheet}>
          <Skeleton lines={12} label={t("loading")} />
        </div>
      )}
    </>
  );
}
