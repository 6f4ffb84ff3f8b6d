import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useParams } from "react-router";
import { isApiError } from "../../api/errors";
import { useFormats } from "../../i18n/useFormats";
import { seesAll } from "../../state/calendar";
import { practitionersQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { scheduleQuery } from "../../state/schedule";
import { useNow } from "../../state/useNow";
import { EmptyState } from "../../ui/EmptyState";
import { ChevronLeftIcon, ClockIcon } from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import { HoursEditor } from "./HoursEditor";
import styles from "./hours.module.css";
import { Outside } from "./Outside";

/** When a doctor receives patients: their own page, and the administrator's for any doctor. */
export default function HoursScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const now = useNow();
  const own = format.viewerTime(now);
  const admin = seesAll(me.role);
  const asked = useParams().practitionerId ?? "";
  const id = admin ? asked : me.role === "practitioner" ? me.person.id : "";
  const schedule = useQuery(scheduleQuery(id));
  const doctors = useQuery({ ...practitionersQuery, enabled: admin });

  if (!id) return <Navigate to={me.role === "clinic_admin" ? "/team" : "/calendar"} replace />;
  if (!admin && asked && asked !== id) return <Navigate to="/hours" replace />;
  const name = doctors.data?.find((one) => one.id === id)?.name ?? "";
  const title = admin ? t("hours.titleOf", { name }) : t("hours.title");
  return (
    <div className={styles.page}>
      <title>{`${title} · ${me.clinic.name}`}</title>
      <header>
        {me.role === "clinic_admin" && (
          <Link to="/team" className={styles.back}>
            <ChevronLeftIcon size={18} />
            {t("hours.toTeam")}
          </Link>
        )}
        <h1>{title}</h1>
        <p className={styles.soft}>
          {t("hours.intro")} {t("hours.zone", { zone: format.zone })}
          {own && ` ${t("outside.clocks", { clinic: format.time(now), own })}`}
        </p>
      </header>
      {schedule.data && <Outside practitionerId={id} />}
      {schedule.data ? (
        <HoursEditor key={id} practitionerId={id} known={schedule.data} />
      ) : isApiError(schedule.error, "not_found") ? (
        <EmptyState icon={ClockIcon} title={t("hours.missing")} />
      ) : schedule.error ? (
        <Failed title={t("hours.failed")} error={schedule.error} retry={schedule.refetch} />
      ) : (
        <Skeleton lines={8} label={t("loading")} />
      )}
    </div>
  );
}
