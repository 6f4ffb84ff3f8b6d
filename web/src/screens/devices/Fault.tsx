import { useTranslation } from "react-i18next";
import type { DeviceFault } from "../../rtc";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";

/** iPads call themselves Macs, but Macs have no touch screen. */
function onIos(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

/** What went wrong with a device and what to do, in plain words. */
export function Fault({
  fault,
  part,
  busy,
  onAgain,
}: {
  fault: DeviceFault;
  /** Which half failed when the other works. */
  part: "camera" | "microphone" | "both";
  busy: boolean;
  onAgain: () => void;
}) {
  const { t } = useTranslation();
  const ios = fault === "denied" && onIos();
  return (
    <Notice
      tone="warn"
      title={t(`devices.fault.${fault}.title`)}
      action={
        <Button busy={busy} onClick={onAgain}>
          {t("devices.again")}
        </Button>
      }
    >
      <p>{t(`devices.fault.${fault}.${ios ? "remedyIos" : "remedy"}`)}</p>
      {part === "camera" && <p>{t("devices.fault.cameraOnly")}</p>}
      {part === "microphone" && <p>{t("devices.fault.microphoneOnly")}</p>}
    </Notice>
  );
}
