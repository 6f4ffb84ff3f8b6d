import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormats } from "../../i18n/useFormats";
import { useMe } from "../../state/me";
import { jointQuery } from "../../state/patients";
import { buttonClass } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import styles from "./Shell.module.css";

/** Consultations that a colleague asks the doctor to join, wherever they are. */
export function Joint() {
  const { t } = useTranslation();
  const format = useFormats();
  const doctor = useMe().role === "practitioner";
  const { data } = useQuery({ ...jointQuery, enabled: doctor });
  if (!doctor || !data) return null;
  return data.map((one) => (
    <div key={one.id} className={styles.asked}>
      <Notice
        title={t("joint.title", { doctor: one.practitioner.name })}
        action={
          one.actions.includes("join") &&
          one.encounterId && (
            <Link
              to={`/consultation/${one.encounterId}`}
              className={buttonClass({ variant: "primary" })}
              data-testid="joint-join"
            >
              {t("joint.join")}
            </Link>
          )
        }
      >
        {one.patient.name}, {format.date(one.start)}, {format.time(one.start)}
      </Notice>
    </div>
  ));
}
