import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isApiError } from "../../api/errors";
import { documentUrl } from "../../api/files";
import type { Appointment, CardWords, Intake } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { intakeQuery, linesOf, useDecide, useTakeOver, type Words } from "../../state/record";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { CheckIcon, FileIcon, LockIcon, PenIcon } from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import styles from "./IntakePanel.module.css";

/** The statuses in which a visit opens to its doctor what the patient told before it. */
const open = new Set(["waiting", "in_progress", "interrupted", "documenting"]);

/** What the patient told before the visit, while its doctor may read it. */
export function IntakePanel({
  appointment,
  onTake,
}: {
  appointment: Appointment;
  /** Takes text over where the conclusion is open for editing; elsewhere the server's draft is changed. */
  onTake?: (words: Words) => boolean;
}) {
  const { t } = useTranslation();
  const mayRead = open.has(appointment.status);
  const { data, error } = useQuery({ ...intakeQuery(appointment.id), enabled: mayRead });
  // What was shown before the access closed is not drawn any more.
  const closed = !mayRead || isApiError(error, "access_closed", "denied", "not_found");
  return (
    <section className={styles.panel} aria-labelledby="intake-panel" data-testid="intake-panel">
      <h3 id="intake-panel">{t("intake.before")}</h3>
      {closed ? (
        <p className={styles.note}>
          <LockIcon size={18} />
          {t("intake.locked")}
        </p>
      ) : data ? (
        <Told intake={data} appointment={appointment} onTake={onTake} />
      ) : error ? (
        <p className={styles.note}>{t("error.network")}</p>
      ) : (
        <Skeleton lines={4} label={t("loading")} />
      )}
    </section>
  );
}

/** Whether the patient has told all: what everybody sees who sees the visit. */
export function IntakeMark({ appointment }: { appointment: Appointment }) {
  const { t } = useTranslation();
  const filled = appointment.intakeFilled === true;
  return (
    <span className={filled ? styles.filled : styles.unfilled} data-testid="intake-mark">
      {filled ? <CheckIcon size={18} /> : <PenIcon size={18} />}
      {t(filled ? "intake.filled" : "intake.notFilled")}
    </span>
  );
}

function Told({
  intake,
  appointment,
  onTake,
}: {
  intake: Intake;
  appointment: Appointment;
  onTake: ((words: Words) => boolean) | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const take = useTakeOver(appointment.encounterId ?? "");
  const lines = linesOf(intake, {
    yes: t("intake.yes"),
    no: t("intake.no"),
    date: (day) => format.date(day),
  });
  const corrections = intake.card.filter(({ said }) => said !== undefined);
  const words: Words = {
    complaint: intake.complaint,
    anamnesis: lines.map(({ label, text }) => `${label}: ${text}`).join("\n"),
  };
  const something = Boolean(intake.complaint.trim() || lines.length > 0);
  const tell = (changed: boolean) =>
    toasts.show(t(changed ? "intake.taken" : "intake.takenBefore"), "good");
  const press = () => {
    if (onTake) tell(onTake(words));
    else {
      take.mutate(words, {
        onSuccess: tell,
        onError: (error) => toasts.show(errorText(error), "bad"),
      });
    }
  };
  const writes = onTake !== undefined || appointment.actions.includes("write");
  if (!something && corrections.length === 0 && intake.files.length === 0) {
    return <p className={styles.note}>{t("intake.nothingTold")}</p>;
  }
  return (
    <>
      {intake.submittedAt === undefined && <p className={styles.soft}>{t("intake.unfinished")}</p>}
      {intake.complaint.trim() !== "" && <p className={styles.words}>{intake.complaint}</p>}
      {lines.length > 0 && (
        <dl className={styles.answers}>
          {lines.map(({ label, text }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {corrections.map((one) => (
        <Correction key={one.part} words={one} appointment={appointment} />
      ))}
      {intake.files.length > 0 && (
        <ul className={styles.files}>
          {intake.files.map((one) => {
            const pdf = one.mime === "application/pdf";
            return (
              <li key={one.id}>
                <a
                  href={documentUrl(one.id, pdf)}
                  {...(pdf ? { target: "_blank", rel: "noopener" } : { download: one.name })}
                >
                  <FileIcon size={20} />
                  <span>
                    {one.name} <span className={styles.soft}>{format.fileSize(one.size)}</span>
                  </span>
                </a>
              </li>
            );
          })}
        </ul>
      )}
      {something && writes && (
        <Button icon={PenIcon} busy={take.isPending} data-testid="intake-take" onClick={press}>
          {t("intake.take")}
        </Button>
      )}
    </>
  );
}

/** What the patient says instead of what the card says: the doctor decides. */
function Correction({ words, appointment }: { words: CardWords; appointment: Appointment }) {
  const { t } = useTranslation();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const decide = useDecide(appointment.id);
  const say = (text: string) =>
    (words.part === "birth_date" && text ? format.date(text) : text) || t("intake.nothing");
  const answer = (accept: boolean) =>
    decide.mutate(
      { part: words.part, accept },
      { onError: (error) => toasts.show(errorText(error), "bad") },
    );
  return (
    <div className={styles.correction} data-testid="correction">
      <strong>{t(`intake.parts.${words.part}`)}</strong>
      <span className={styles.soft}>{t("intake.cardSays", { text: say(words.known) })}</span>
      <span>{t("intake.patientSays", { text: say(words.said ?? "") })}</span>
      {words.decided ? (
        <span className={styles.soft}>{t(`intake.decided.${words.decided}`)}</span>
      ) : (
        <span className={styles.acts}>
          <Button size="s" busy={decide.isPending} onClick={() => answer(true)}>
            {t("intake.accept")}
          </Button>
          <Button size="s" variant="quiet" onClick={() => answer(false)}>
            {t("intake.refuse")}
          </Button>
        </span>
      )}
    </div>
  );
}
