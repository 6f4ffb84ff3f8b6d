import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallParticipant } from "../../rtc";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import css from "./overlays.module.css";

interface Props {
  people: CallParticipant[];
  /** Floats over the pictures, or stands in the middle of an empty stage. */
  floating: boolean;
  onAdmit: (identity: string) => Promise<void>;
}

/** Who waits to be let in, each with a button. */
export function WaitingList({ people, floating, onAdmit }: Props) {
  const { t } = useTranslation();
  if (people.length === 0) return null;
  return (
    <ul className={cx(css.waiting, floating && css.floating)} aria-label={t("call.admit.title")}>
      {people.map((person) => (
        <Waiting key={person.identity} person={person} onAdmit={onAdmit} />
      ))}
    </ul>
  );
}

function Waiting({ person, onAdmit }: { person: CallParticipant; onAdmit: Props["onAdmit"] }) {
  const { t } = useTranslation();
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const admit = async () => {
    setState("busy");
    try {
      await onAdmit(person.identity);
    } catch {
      setState("failed");
    }
  };
  return (
    <li className={css.waitingOne}>
      <Avatar name={person.name} size={40} />
      <span className={css.waitingName}>
        <strong>{person.name}</strong>
        <span>
          {state === "failed"
            ? t("call.admit.failed")
            : t("call.admit.state", {
                role: t(`call.role.${person.role}`),
              })}
        </span>
      </span>
      <Button
        variant="primary"
        data-testid="admit"
        aria-label={t("call.admit.buttonName", { name: person.name })}
        busy={state === "busy"}
        onClick={() => void admit()}
      >
        {t("call.admit.button")}
      </Button>
    </li>
  );
}
