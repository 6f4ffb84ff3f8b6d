import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Encounter, Participant } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Avatar } from "../../ui/Avatar";
import { IconButton } from "../../ui/Button";
import { CloseIcon, DocumentIcon } from "../../ui/icons";
import { IntakePanel } from "../intake/IntakePanel";
import styles from "./AboutVisit.module.css";
import { ModalitySwitch } from "./ModalitySwitch";

/** What the doctor may need to glance at while talking. */
export function AboutVisit({ encounter, onClose }: { encounter: Encounter; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { appointment, participants } = encounter;
  return (
    <aside className={styles.about} aria-labelledby="about-visit">
      <div className={styles.head}>
        <h2 id="about-visit">{t("room.about")}</h2>
        <IconButton icon={CloseIcon} label={t("action.close")} onClick={onClose} />
      </div>
      <IntakePanel appointment={appointment} />
      <section className={styles.part}>
        <h3>{t("appointment.when")}</h3>
        <p className="tnum">
          {format.day(appointment.start)}, {format.timeRange(appointment.start, appointment.end)}
        </p>
        <p>{appointment.service.name}</p>
      </section>
      {appointment.actions.includes("switch_modality") && (
        <section className={styles.part}>
          <h3>{t("visits.way.title")}</h3>
          <ModalitySwitch appointment={appointment} />
          <p>{t("visits.way.hint")}</p>
        </section>
      )}
      <section className={styles.part}>
        <h3>{t("room.people")}</h3>
        <ul className={styles.people}>
          {participants.map((person) => (
            <li key={person.identity}>
              <Avatar name={person.name} size={32} />
              <span>
                {person.name}
                <small>
                  {t(`role.${person.role}`)}, {t(`room.${place(person)}`)}
                </small>
              </span>
            </li>
          ))}
        </ul>
      </section>
      {appointment.actions.includes("open_card") && (
        <Link to={`/patients/${appointment.patient.id}`} target="_blank" className={styles.card}>
          <DocumentIcon size={20} />
          {t("appointment.card")}
        </Link>
      )}
    </aside>
  );
}

function place(person: Participant): "here" | "lobby" | "away" {
  if (!person.present) return "away";
  return person.admitted ? "here" : "lobby";
}
