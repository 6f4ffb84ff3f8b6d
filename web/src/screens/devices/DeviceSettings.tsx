import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMedia } from "../../state/callHooks";
import type { LocalMedia } from "../../state/callMedia";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import css from "./devices.module.css";
import { Fault } from "./Fault";
import { MicMeter } from "./MicMeter";
import { Pickers } from "./Pickers";
import { SpeakerTest } from "./SpeakerTest";

export interface Comfort {
  shortcuts: boolean;
  sounds: boolean;
}

/** Devices and small comforts, changed during the call. */
export function DeviceSettings({
  media,
  open,
  onClose,
  comfort,
  onComfort,
}: {
  media: LocalMedia;
  open: boolean;
  onClose: () => void;
  comfort: Comfort;
  onComfort: (change: Partial<Comfort>) => void;
}) {
  const { t } = useTranslation();
  const state = useMedia(media);
  const [touch] = useState(() => matchMedia("(hover: none)").matches);
  const fault = state.microphoneFault ?? state.cameraFault;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("devices.settings")}
      closeLabel={t("action.close")}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t("devices.close")}
        </Button>
      }
    >
      <div className={css.settings}>
        {fault && (
          <Fault fault={fault} part="both" busy={state.asking} onAgain={() => void media.mend()} />
        )}
        <Pickers media={media} state={state} />
        {state.microphone && <MicMeter track={state.microphone} muted={state.micMuted} />}
        <SpeakerTest speakerId={state.speakerId} />
        {!touch && (
          <label className={css.tick}>
            <input
              type="checkbox"
              checked={comfort.shortcuts}
              onChange={(event) => onComfort({ shortcuts: event.target.checked })}
            />
            {t("devices.shortcuts")}
          </label>
        )}
        <label className={css.tick}>
          <input
            type="checkbox"
            checked={comfort.sounds}
            onChange={(event) => onComfort({ sounds: event.target.checked })}
          />
          {t("devices.sounds")}
        </label>
      </div>
    </Dialog>
  );
}
