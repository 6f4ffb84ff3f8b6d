import { useTranslation } from "react-i18next";
import type { Device, LocalMedia, MediaState } from "../../state/callMedia";
import { Select } from "../../ui/Field";
import css from "./devices.module.css";

/** Lists to choose camera, microphone and speaker from; one device is no choice. */
export function Pickers({ media, state }: { media: LocalMedia; state: MediaState }) {
  const { t } = useTranslation();
  const canRoute = "setSinkId" in HTMLMediaElement.prototype;
  return (
    <div className={css.pickers}>
      {state.take === "video" && (
        <Picker
          label={t("devices.camera")}
          unnamed="devices.unnamedCamera"
          devices={state.cameras}
          value={state.cameraId || (state.camera?.getSettings().deviceId ?? "")}
          onChoose={(id) => void media.choose("camera", id)}
        />
      )}
      {state.take !== "chat" && (
        <Picker
          label={t("devices.microphone")}
          unnamed="devices.unnamedMicrophone"
          devices={state.microphones}
          value={state.microphoneId}
          defaultChoice
          onChoose={(id) => void media.choose("microphone", id)}
        />
      )}
      {canRoute && state.speakers.length > 0 && (
        <Picker
          label={t("devices.speaker")}
          unnamed="devices.unnamedSpeaker"
          devices={state.speakers}
          value={state.speakerId}
          defaultChoice
          onChoose={(id) => void media.choose("speaker", id)}
        />
      )}
    </div>
  );
}

function Picker({
  label,
  unnamed,
  devices,
  value,
  defaultChoice = false,
  onChoose,
}: {
  label: string;
  unnamed: string;
  devices: Device[];
  value: string;
  defaultChoice?: boolean;
  onChoose: (id: string) => void;
}) {
  const { t } = useTranslation();
  if (devices.length === 0) return null;
  return (
    <Select label={label} value={value} onChange={(event) => onChoose(event.target.value)}>
      {defaultChoice && <option value="">{t("devices.defaultDevice")}</option>}
      {devices.map((device, index) => (
        <option key={device.id} value={device.id}>
          {device.label || t(unnamed, { n: index + 1 })}
        </option>
      ))}
    </Select>
  );
}
