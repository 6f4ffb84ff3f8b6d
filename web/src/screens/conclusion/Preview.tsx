import { useTranslation } from "react-i18next";
import type { Encounter, Sections } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useMe } from "../../state/me";
import styles from "./Preview.module.css";
import { sectionOrder } from "./sections";

/** The conclusion as it will read on paper. */
export function Preview({ encounter, sections }: { encounter: Encounter; sections: Sections }) {
  const { t } = useTranslation();
  const format = useFormats();
  const me = useMe();
  const { appointment } = encounter;
  const diagnosis = [sections.diagnosisCode, sections.diagnosis].filter(Boolean).join(" ");
  return (
    <div className={styles.frame}>
      <p className={styles.note}>{t("conclusion.previewNote")}</p>
      <article className={styles.paper}>
        <p className={styles.clinic}>{me.clinic.name}</p>
        <h2>{t("conclusion.title")}</h2>
        <dl className={styles.facts}>
          <dt>{t("conclusion.patient")}</dt>
          <dd>{appointment.patient.name}</dd>
          <dt>{t("conclusion.visit")}</dt>
          <dd>
            {appointment.service.name}, {format.dateTime(appointment.start)}
          </dd>
          <dt>{t("conclusion.doctor")}</dt>
          <dd>
            {appointment.practitioner.name}, {appointment.practitioner.specialty}
          </dd>
        </dl>
        {sectionOrder
          .filter((name) => name !== "diagnosisCode")
          .map((name) => (
            <section key={name}>
              <h3>{t(`conclusion.sections.${name}`)}</h3>
              <p>
                {(name === "diagnosis" ? diagnosis : sections[name]) || (
                  <i>{t("conclusion.empty")}</i>
                )}
              </p>
            </section>
          ))}
      </article>
    </div>
  );
}
