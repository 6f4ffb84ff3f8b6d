import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/useFormats";
import { dutyQuery, useSetDuty } from "../../state/emergency";
import { canPush, type PushState, pushState, startPush, stopPush } from "../../state/push";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { Segments } from "../../ui/Segments";
import { armSound } from "./alarm";
import styles from "./emergency.module.css";

const lengths = ["2", "4", "8", "12"] as const;
const hourMs = 60 * 60_000;

/** The doctor's readiness for urgent calls: always in sight, changed in two presses. */
export function DutySwitch() {
  const { t } = useTranslation();
  const format = useFormats();
  const { data: duty } = useQuery(dutyQuery);
  const [open, setOpen] = useState(false);
  if (!duty) return null;
  const label =
    duty.on && duty.until ? t("duty.on", { time: format.time(duty.until) }) : t("duty.off");
  return (
    <>
      <button
        type="button"
        className={cx(styles.duty, duty.on && styles.dutyOn)}
        aria-haspopup="dialog"
        data-testid="duty"
        data-on={duty.on}
        onClick={() => setOpen(true)}
      >
        <span className={styles.dot} aria-hidden="true" />
        {label}
      </button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t("duty.title")}
        closeLabel={t("action.close")}
      >
        <DutyForm on={duty.on} off={duty.off} label={label} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function DutyForm({
  on,
  off,
  label,
  onDone,
}: {
  on: boolean;
  off: string | undefined;
  label: string;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const [length, setLength] = useState<(typeof lengths)[number]>("8");
  const set = useSetDuty();
  const toasts = useToasts();
  const errorText = useErrorText();
  const change = (until: Date | null) =>
    set.mutate(until, {
      onSuccess: onDone,
      onError: (error) => toasts.show(errorText(error), "bad"),
    });
  return (
    <div className={styles.form}>
      {on ? (
        <p className={styles.strong}>{label}</p>
      ) : (
        <>
          {(off === "missed" || off === "over" || off === "signed_out") && (
            <Notice tone="warn">{t(`duty.ended.${off}`)}</Notice>
          )}
          <p>{t("duty.explain")}</p>
          <Segments
            label={t("duty.until")}
            value={length}
            options={lengths.map((value) => ({
              value,
              name: t("duty.hours", { count: Number(value) }),
            }))}
            onChange={setLength}
          />
        </>
      )}
      {on && <PushChoice />}
      <Button
        variant={on ? "secondary" : "primary"}
        block
        busy={set.isPending}
        data-testid="duty-set"
        onClick={() => {
          // A press is what browsers want before they let a page make a sound.
          armSound();
          change(on ? null : new Date(Date.now() + Number(length) * hourMs));
        }}
      >
        {t(on ? "duty.goOff" : "duty.goOn")}
      </Button>
    </div>
  );
}

function PushChoice() {
  const { t } = useTranslation();
  const [state, setState] = useState<PushState>("none");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void pushState().then(setState);
  }, []);
  if (!canPush()) return null;
  const act = async (todo: () => Promise<PushState>) => {
    setBusy(true);
    setState(await todo());
    setBusy(false);
  };
  return (
    <>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={state === "on"}
          disabled={busy}
          data-testid="push"
          onChange={(event) => void act(event.target.checked ? startPush : stopPush)}
        />
        {t(state === "on" ? "duty.pushOn" : "duty.push")}
      </label>
      {state === "denied" && <Notice tone="warn">{t("duty.pushDenied")}</Notice>}
      {state === "failed" && <Notice tone="warn">{t("duty.pushFailed")}</Notice>}
    </>
  );
}
