import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import { documentUrl, largestFile, uploadIntakeFile } from "../../api/files";
import type { Intake } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button, IconButton } from "../../ui/Button";
import { AttachIcon, CloseIcon, FileIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import css from "./intake.module.css";
import visit from "./visit.module.css";

interface Sending {
  id: string;
  file: File;
  share: number;
  failed: string;
}

/** Files for the doctor: results, letters, photographs. */
export function IntakeFiles({
  intake,
  disabled,
  onChange,
}: {
  intake: Intake;
  disabled: boolean;
  onChange: (intake: Intake) => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const picker = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<readonly Sending[]>([]);
  const [fault, setFault] = useState("");
  const change = (id: string, part: Partial<Sending>) =>
    setSending((all) => all.map((one) => (one.id === id ? { ...one, ...part } : one)));
  const drop = (id: string) => setSending((all) => all.filter((one) => one.id !== id));

  const send = async (one: Sending) => {
    change(one.id, { failed: "", share: 0 });
    if (one.file.size > largestFile) {
      change(one.id, { failed: "error.too_large" });
      return;
    }
    try {
      const now = await uploadIntakeFile(intake.appointmentId, one.file, {
        clientId: one.id,
        onProgress: (share) => change(one.id, { share }),
      });
      drop(one.id);
      onChange(now);
    } catch (error) {
      change(one.id, { failed: errorKey(error) });
    }
  };
  const add = async (files: Iterable<File>) => {
    const fresh = [...files].map((file) => ({
      id: crypto.randomUUID(),
      file,
      share: 0,
      failed: "",
    }));
    setSending((all) => [...all, ...fresh]);
    // One after the other: a phone's line is narrow.
    for (const one of fresh) await send(one);
  };
  const remove = async (file: string) => {
    setFault("");
    try {
      const params = { path: { id: intake.appointmentId, file } };
      onChange(await ok(api.DELETE("/appointments/{id}/intake/files/{file}", { params })));
    } catch (error) {
      setFault(errorKey(error));
    }
  };

  return (
    <>
      <p className={visit.soft}>{t("intake.filesHint")}</p>
      <ul className={css.files}>
        {intake.files.map((one) => (
          <li key={one.id} className={css.file} data-testid="intake-file">
            <FileIcon size={24} />
            <a href={documentUrl(one.id)} download={one.name}>
              {one.name}
              <span className={visit.soft}>{formats.fileSize(one.size)}</span>
            </a>
            {!disabled && (
              <IconButton
                icon={CloseIcon}
                label={t("intake.removeFile", { name: one.name })}
                onClick={() => void remove(one.id)}
              />
            )}
          </li>
        ))}
        {sending.map((one) => (
          <li key={one.id} className={css.file} data-testid="intake-sending">
            <FileIcon size={24} />
            <span>
              {one.file.name}
              {one.failed ? (
                <span className={css.error} role="alert">
                  {t(one.failed, { defaultValue: t("error.internal") })}
                </span>
              ) : (
                <progress value={one.share} aria-label={t("intake.sending")} />
              )}
            </span>
            {one.failed && (
              <span className={css.fileActs}>
                <Button size="s" onClick={() => void send(one)}>
                  {t("action.retry")}
                </Button>
                <IconButton
                  icon={CloseIcon}
                  label={t("intake.removeFile", { name: one.file.name })}
                  onClick={() => drop(one.id)}
                />
              </span>
            )}
          </li>
        ))}
      </ul>
      {fault && <Notice tone="bad">{t(fault, { defaultValue: t("error.internal") })}</Notice>}
      {!disabled && intake.files.length < 10 && (
        <>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            data-testid="intake-picker"
            onChange={(event) => {
              void add([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
          <Button icon={AttachIcon} size="l" block onClick={() => picker.current?.click()}>
            {t("intake.addFile")}
          </Button>
        </>
      )}
    </>
  );
}
