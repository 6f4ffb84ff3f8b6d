import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useParams } from "react-router";
import { useMe } from "../../state/me";
import { clinicQuery } from "../../state/staff";
import { Segments } from "../../ui/Segments";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import { AuditTrail } from "./AuditTrail";
import styles from "./admin.module.css";
import { ClinicForm } from "./ClinicForm";
import { Services } from "./Services";

const parts = ["settings", "services", "audit"] as const;
type Part = (typeof parts)[number];

/** What the administrator decides for the clinic as a whole, and what was done in it. */
export default function ClinicScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const go = useNavigate();
  const part = (useParams().part ?? "settings") as Part;
  const clinic = useQuery({ ...clinicQuery, enabled: me.role === "clinic_admin" });
  // Accountants see the services and their prices, and nothing else.
  if (me.role === "accountant") {
    return (
      <div className={styles.page}>
        <title>{`${t("clinicPage.services")} · ${me.clinic.name}`}</title>
        <h1>{t("clinicPage.services")}</h1>
        <Services readOnly />
      </div>
    );
  }
  if (me.role !== "clinic_admin") return <Navigate to="/calendar" replace />;
  return (
    <div className={styles.page}>
      <title>{`${t("clinicPage.title")} · ${me.clinic.name}`}</title>
      <h1>{t("clinicPage.title")}</h1>
      <Segments
        label={t("clinicPage.title")}
        value={parts.includes(part) ? part : "settings"}
        options={parts.map((value) => ({ value, name: t(`clinicPage.${value}`) }))}
        onChange={(to) => go(`/clinic/${to}`)}
      />
      {part === "services" ? (
        <Services />
      ) : part === "audit" ? (
        <AuditTrail />
      ) : clinic.data ? (
        <ClinicForm known={clinic.data} />
      ) : clinic.error ? (
        <Failed title={t("clinicPage.failed")} error={clinic.error} retry={clinic.refetch} />
      ) : (
        <Skeleton lines={8} label={t("loading")} />
      )}
    </div>
  );
}
