import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/useFormats";
import type { DraftState } from "../../state/draft";
import { cx } from "../../ui/cx";
import { AlertIcon, CheckIcon, LockIcon, PenIcon } from "../../ui/icons";
import { Spinner } from "../../ui/Spinner";
import styles from "./ConclusionScreen.module.css";

/** Whether the text is safe, in words, always at the same place. */
export function SaveState({ state }: { state: DraftState }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { phase, savedAt } = state;
  const bad = phase === "offline" || phase === "clash" || phase === "refused";
  const text =
    phase === "saved" && savedAt
      ? t("conclusion.state.savedAt", { time: format.time(savedAt) })
      : t(`conclusion.state.${phase}`);
  return (
    <p className={cx(styles.state, bad && styles.bad)} role="status" data-phase={phase}>
      {phase === "saving" ? (
        <Spinner size={18} />
      ) : phase === "saved" ? (
        <CheckIcon size={18} />
      ) : phase === "waiting" ? (
        <PenIcon size={18} />
      ) : phase === "closed" ? (
        <LockIcon size={18} />
      ) : (
        <AlertIcon size={18} />
      )}
      {text}
    </p>
  );
}
