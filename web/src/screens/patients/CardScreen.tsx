import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { isApiError } from "../../api/errors";
import type { Card } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { cardQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { Avatar } from "../../ui/Avatar";
import { Button, buttonClass } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ChevronLeftIcon, LockIcon, SearchIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import { BreakGlass, useEndGlass } from "./BreakGlass";
import styles from "./CardScreen.module.css";
import { Documents } from "./Documents";
import { Erase } from "./Erase";
import { useOver } from "./useOver";
import { Visits } from "./Visits";

/** A patient's electronic card, while the viewer may see it. */
export default function CardScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const { patientId = "" } = useParams();
  const { data: card, dataUpdatedAt, error, isPending, refetch } = useQuery(cardQuery(patientId));
  const over = useOver(card?.access.until, dataUpdatedAt, refetch);
  const closed = over || isApiError(error, "access_closed", "denied");
  return (
    <div className={styles.page}>
      <title>{`${t("card.title")} · ${me.clinic.name}`}</title>
      <Link to="/patients" className={styles.back}>
        <ChevronLeftIcon size={18} />
        {t("patients.title")}
      </Link>
      {isPending ? (
        <Skeleton lines={10} label={t("loading")} />
      ) : closed ? (
        // What was shown before the access closed goes with it: nothing of it is drawn here.
        <EmptyState
          icon={LockIcon}
          level={1}
          title={t("card.closedTitle")}
          action={
            <>
              <Link to="/calendar" className={buttonClass({ variant: "primary" })}>
                {t("nav.calendar")}
              </Link>
              {me.role === "practitioner" && <BreakGlass patientId={patientId} />}
              {me.role === "clinic_admin" && <Erase patientId={patientId} />}
            </>
          }
        >
          {t("card.closedText")}
        </EmptyState>
      ) : isApiError(error, "not_found") ? (
        <EmptyState icon={SearchIcon} level={1} title={t("card.missing")} />
      ) : error ? (
        <Failed level={1} title={t("card.failed")} error={error} retry={refetch} />
      ) : (
        <Open card={card} />
      )}
    </div>
  );
}

function Open({ card }: { card: Card }) {
  const { t } = useTranslation();
  return (
    <>
      <Identity card={card} />
      <WhyOpen access={card.access} />
      <div className={styles.columns}>
        <section className={styles.block} aria-labelledby="card-visits">
          <h2 id="card-visits">{t("card.visits")}</h2>
          <Visits encounters={card.encounters} />
        </section>
        <section className={styles.block} aria-labelledby="card-documents">
          <h2 id="card-documents">{t("card.documents")}</h2>
          <Documents documents={card.documents} />
        </section>
      </div>
    </>
  );
}

/** By what right the card is open, and when it closes. */
function WhyOpen({ access }: { access: Card["access"] }) {
  const { t } = useTranslation();
  const format = useFormats();
  const end = useEndGlass();
  const { kind, until, breakGlassId } = access;
  if (kind === "own") return null;
  return (
    <Notice
      tone={kind === "break_glass" ? "warn" : "lock"}
      action={
        breakGlassId && (
          <Button data-testid="glass-end" onClick={() => end(breakGlassId)}>
            {t("glass.end")}
          </Button>
        )
      }
    >
      {t(`card.why.${kind}`)}
      {until && ` ${t("card.closesAt", { time: format.time(until) })}`}
    </Notice>
  );
}

function Identity({ card }: { card: Card }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { patient } = card;
  const born = patient.birthDate;
  return (
    <header className={styles.identity}>
      <Avatar name={patient.name} size={64} />
      <div className={styles.who}>
        <h1>{patient.name}</h1>
        <dl className={styles.facts}>
          {born && (
            <div>
              <dt>{t("card.born")}</dt>
              <dd>
                {format.date(`${born.slice(0, 10)}T12:00:00Z`)},{" "}
                {t("card.years", { count: format.ageYears(born) })}
              </dd>
            </div>
          )}
          <div>
            <dt>{t("card.sexLabel")}</dt>
            <dd>{t(`card.sex.${patient.sex}`)}</dd>
          </div>
          {patient.phone && (
            <div>
              <dt>{t("card.phone")}</dt>
              <dd>
                <a href={`tel:${patient.phone}`}>{patient.phone}</a>
              </dd>
            </div>
          )}
          {patient.email && (
            <div>
              <dt>{t("card.email")}</dt>
              <dd>
                <a href={`mailto:${patient.email}`}>{patient.email}</a>
              </dd>
            </div>
          )}
          {patient.attending && (
            <div>
              <dt>{t("card.attending")}</dt>
              <dd>{patient.attending.name}</dd>
            </div>
          )}
        </dl>
      </div>
    </header>
  );
}
