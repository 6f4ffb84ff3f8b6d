import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate } from "react-router";
import { addDays, dayKey, instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { useAppointments } from "../../state/appointments";
import { takesTime } from "../../state/calendarLayout";
import { practitionersQuery, servicesQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { useNow } from "../../state/useNow";
import { Avatar } from "../../ui/Avatar";
import { EmptyState } from "../../ui/EmptyState";
import { TeamIcon } from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import { Licence } from "./Licence";
import { Members } from "./Members";
import styles from "./TeamScreen.module.css";

/** The clinic's doctors: what they do, in which languages, and how full their day is. */
export default function TeamScreen() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const now = useNow(60_000);
  const today = dayKey(now, format.zone);
  const from = useMemo(() => instantOf(today, 0, format.zone), [today, format.zone]);
  const to = useMemo(() => instantOf(addDays(today, 1), 0, format.zone), [today, format.zone]);
  const { data, error, isPending, refetch } = useQuery(practitionersQuery);
  const services = useQuery(servicesQuery);
  const appointments = useAppointments(from, to);
  const languageName = useMemo(
    () => new Intl.DisplayNames([i18n.language], { type: "language" }),
    [i18n.language],
  );

  if (me.role !== "clinic_admin") return <Navigate to="/calendar" replace />;
  const countOf = (id: string) =>
    (appointments.data ?? []).filter((item) => item.practitioner.id === id && takesTime(item))
      .length;
  return (
    <div className={styles.page}>
      <title>{`${t("team.title")} · ${me.clinic.name}`}</title>
      <header>
        <h1>{t("team.title")}</h1>
        <p className={styles.intro}>{t("team.intro")}</p>
      </header>
      <Members />
      {isPending ? (
        <Skeleton lines={6} label={t("loading")} />
      ) : error ? (
        <Failed title={t("team.failed")} error={error} retry={refetch} />
      ) : data.length === 0 ? (
        <EmptyState icon={TeamIcon} title={t("team.none")} />
      ) : (
        <ul className={styles.list}>
          {data.map((person) => (
            <li key={person.id} className={styles.person}>
              <Avatar name={person.name} size={52} />
              <div className={styles.who}>
                <h2>{person.name}</h2>
                <p className={styles.soft}>{person.specialty}</p>
              </div>
              <div className={styles.links}>
                <Link to={`/calendar?doctor=${person.id}`} className={styles.today}>
                  {t("team.today", { count: countOf(person.id) })}
                </Link>
                <Link
                  to={`/hours/${person.id}`}
                  className={styles.today}
                  aria-label={t("hours.editOf", { name: person.name })}
                >
                  {t("hours.edit")}
                </Link>
              </div>
              <dl className={styles.facts}>
                {person.licence && <Licence licence={person.licence} now={now} />}
                <div>
                  <dt>{t("team.languages")}</dt>
                  <dd>
                    {person.languages.map((code) => languageName.of(code) ?? code).join(", ")}
                  </dd>
                </div>
                <div>
                  <dt>{t("team.services")}</dt>
                  <dd>
                    {person.serviceIds
                      .map((id) => services.data?.find((item) => item.id === id)?.name)
                      .filter(Boolean)
                      .join(", ")}
                  </dd>
                </div>
              </dl>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
