import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { isApiError } from "../../api/errors";
import { encounterQuery } from "../../state/directory";
import { keys } from "../../state/keys";
import { useLine } from "../../state/line";
import { useMe } from "../../state/me";
import { buttonClass, IconButton } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ChevronLeftIcon, InfoIcon, SearchIcon } from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { StatusChip } from "../../ui/StatusChip";
import { CallScreen } from "../call";
import { Bare, Failed } from "../staff/pages";
import { AboutVisit } from "./AboutVisit";
import styles from "./ConsultationScreen.module.css";

/** The doctor's room: the call in the middle, what is known about the visit at hand. */
export default function ConsultationScreen() {
  const { t } = useTranslation();
  const { encounterId = "" } = useParams();
  const me = useMe();
  const line = useLine();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [about, setAbout] = useState(false);
  const {
    data: encounter,
    error,
    isPending,
    refetch,
  } = useQuery({
    ...encounterQuery(encounterId),
    // Who is here is told to the room, not to this page.
    refetchInterval: about ? 10_000 : false,
  });

  const onLeft = useCallback(() => {
    void navigate("/calendar");
  }, [navigate]);
  // A colleague who was asked to join leads nothing and writes no conclusion.
  const own = encounter?.appointment.practitioner.id === me.person.id;
  const onFinished = useCallback(() => {
    void cache.invalidateQueries({ queryKey: keys.appointments });
    const next = own ? `/consultation/${encounterId}/conclusion` : "/calendar";
    void navigate(next, { replace: true });
  }, [navigate, cache, encounterId, own]);

  if (isPending) return <Loading label={t("room.opening")} />;
  if (!encounter) {
    return (
      <Bare title={t("room.title")}>
        {isApiError(error, "not_found", "denied") ? (
          <Missing />
        ) : (
          <Failed level={1} title={t("error.title")} error={error} retry={refetch} />
        )}
      </Bare>
    );
  }
  const { appointment } = encounter;
  return (
    <div className={styles.room}>
      <header className={styles.bar}>
        <Link to="/calendar" className={styles.back} aria-label={t("room.toCalendar")}>
          <ChevronLeftIcon size={22} />
        </Link>
        <div className={styles.who}>
          <h1>{appointment.patient.name}</h1>
          <span className={styles.service}>{appointment.service.name}</span>
        </div>
        <span className={styles.status} role="status">
          <StatusChip status={appointment.status} compact />
        </span>
        <IconButton
          icon={InfoIcon}
          label={t("room.about")}
          aria-expanded={about}
          onClick={() => setAbout(!about)}
        />
      </header>
      <main className={styles.stage}>
        <div className={styles.call}>
          <CallScreen
            encounterId={encounterId}
            link={line}
            modality={appointment.modality}
            doctor={own}
            since={encounter.startedAt}
            onLeft={onLeft}
            onFinished={onFinished}
          />
        </div>
        {about && <AboutVisit encounter={encounter} onClose={() => setAbout(false)} />}
      </main>
    </div>
  );
}

function Missing() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={SearchIcon}
      level={1}
      title={t("room.missing")}
      action={
        <Link to="/calendar" className={buttonClass({ variant: "primary" })}>
          {t("room.toCalendar")}
        </Link>
      }
    >
      {t("room.missingText")}
    </EmptyState>
  );
}
