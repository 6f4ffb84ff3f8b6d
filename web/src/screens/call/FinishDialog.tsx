import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";

/** Asks before the call ends for everybody. While open, its button is the "finish" of the page. */
export function FinishDialog({
  open,
  onClose,
  onFinish,
}: {
  open: boolean;
  onClose: () => void;
  onFinish: () => Promise<void>;
}) {
  const { t } = useTranslation();
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const finish = async () => {
    setState("busy");
    try {
      await onFinish();
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("call.finishTitle")}
      closeLabel={t("action.close")}
      footer={
        <>
          <Button onClick={onClose}>{t("call.cancel")}</Button>
          <Button
            variant="danger"
            data-testid="finish"
            autoFocus
            busy={state === "busy"}
            onClick={() => void finish()}
          >
            {t("call.finishConfirm")}
          </Button>
        </>
      }
    >
      <p>{t("call.finishText")}</p>
      {state === "failed" && <Notice tone="bad">{t("call.finishFailed")}</Notice>}
    </Dialog>
  );
}
