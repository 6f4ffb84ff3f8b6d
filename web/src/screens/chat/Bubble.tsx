import { useState } from "react";
import { useTranslation } from "react-i18next";
import { documentUrl } from "../../api/files";
import { useFormats } from "../../i18n/useFormats";
import type { ChatEntry, ChatFile } from "../../rtc";
import { cx } from "../../ui/cx";
import { AlertIcon, ClockIcon, DownloadIcon, FileIcon } from "../../ui/icons";
import css from "./chat.module.css";

/** Images that browsers draw safely and that are shown small in the chat. */
const drawn = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);

/** One message: text, or a file, with its time and whether it has arrived. */
export function Bubble({
  entry,
  own,
  first,
  online,
}: {
  entry: ChatEntry;
  own: boolean;
  /** The first of several in a row by the same person carries the name. */
  first: boolean;
  online: boolean;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <li
      className={cx(css.message, own && css.own, first && css.first)}
      data-testid="chat-message"
      data-status={entry.status}
    >
      {first && !own && (
        <span className={css.sender}>
          {entry.senderName}
          <span className={css.role}>
            {t(`call.role.${entry.senderRole}`, { defaultValue: "" })}
          </span>
        </span>
      )}
      {first && own && <span className="sr-only">{t("chat.you")}</span>}
      <div className={css.bubble}>
        {entry.file ? <Attached file={entry.file} /> : <p className={css.text}>{entry.text}</p>}
        <span className={css.meta}>
          {entry.status === "sent" && <time dateTime={entry.at}>{formats.time(entry.at)}</time>}
          {entry.status === "pending" && (
            <>
              <ClockIcon size={14} />
              {online && t("chat.sending")}
            </>
          )}
          {entry.status === "failed" && (
            <span className={css.failed}>
              <AlertIcon size={14} /> {t("chat.failed")}
            </span>
          )}
        </span>
      </div>
    </li>
  );
}

function Attached({ file }: { file: ChatFile }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [broken, setBroken] = useState(false);
  const href = documentUrl(file.id);
  return (
    <a
      className={css.file}
      href={href}
      download={file.name}
      data-testid="chat-file-link"
      aria-label={`${t("chat.downloadName", { name: file.name })}, ${formats.fileSize(file.size)}`}
    >
      {drawn.has(file.mime) && !broken ? (
        <img
          className={css.thumbnail}
          src={href}
          alt={t("chat.imageAlt", { name: file.name })}
          loading="lazy"
          decoding="async"
          onError={() => setBroken(true)}
        />
      ) : (
        <span className={css.fileIcon}>
          <FileIcon size={24} />
        </span>
      )}
      <span className={css.fileText}>
        <span className={css.fileName}>{file.name}</span>
        <span className={css.fileSize}>{formats.fileSize(file.size)}</span>
      </span>
      <DownloadIcon size={20} />
    </a>
  );
}
