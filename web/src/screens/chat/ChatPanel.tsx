import { type DragEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { largestFile } from "../../api/files";
import { useFormats } from "../../i18n/useFormats";
import type { ChatEntry } from "../../rtc";
import { IconButton } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { ChatIcon, CloseIcon, RefreshIcon } from "../../ui/icons";
import { Bubble } from "./Bubble";
import { Composer } from "./Composer";
import css from "./chat.module.css";
import { uploadFault } from "./uploads";
import { useUploads } from "./useUploads";

export interface ChatPanelProps {
  encounterId: string;
  entries: readonly ChatEntry[];
  selfId: string;
  /** Whether the line to the server stands; messages wait otherwise. */
  online: boolean;
  onSend: (text: string) => void;
  onClose?: (() => void) | undefined;
  /** Puts the cursor into the message field when the panel appears. */
  focus?: boolean;
}

/** How near to the end of the list counts as reading the newest message, in pixels. */
const nearEnd = 80;

/** The consultation's chat: messages, files under way, and the line to write in. */
export function ChatPanel(props: ChatPanelProps) {
  const { entries, selfId, online, onSend, onClose, focus = false } = props;
  const { t } = useTranslation();
  const formats = useFormats();
  const titleId = useId();
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const { list: files, send, drop } = useUploads(props.encounterId);
  const [over, setOver] = useState(false);
  const [more, setMore] = useState(false);
  const last = entries.at(-1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when something was added
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    if (atEnd.current || last?.sender === selfId) element.scrollTop = element.scrollHeight;
    else setMore(true);
  }, [entries.length, files.length]);

  // A picture that has loaded, or a keyboard that came up, moves the end.
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const element = list.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
    if (atEnd.current) setMore(false);
  };
  const toEnd = () => {
    list.current?.scrollTo({ top: list.current.scrollHeight, behavior: "smooth" });
    setMore(false);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    send(event.dataTransfer.files);
  };
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");

  return (
    <section
      className={css.panel}
      aria-labelledby={titleId}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={onDrop}
    >
      <header className={css.header}>
        <h2 id={titleId} className={css.title}>
          {t("chat.title")}
        </h2>
        {onClose && (
          <IconButton
            icon={CloseIcon}
            label={t("chat.close")}
            data-testid="chat-close"
            onClick={onClose}
          />
        )}
      </header>
      <ol
        ref={list}
        className={css.list}
        aria-label={t("chat.log")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        {entries.length === 0 && files.length === 0 && (
          <li className={css.empty}>
            <ChatIcon size={32} />
            <p>{t("chat.empty")}</p>
          </li>
        )}
        {entries.map((entry, index) => {
          const before = entries[index - 1];
          return (
            <Bubble
              key={entry.clientId || entry.id}
              entry={entry}
              own={entry.sender === selfId}
              first={before?.sender !== entry.sender}
              online={online}
            />
          );
        })}
        {files.map((file) => (
          <li key={file.id} className={cx(css.upload, file.failed && css.uploadFailed)}>
            <span className={css.uploadText} role={file.failed ? "alert" : undefined}>
              {file.failed
                ? t(uploadFault(file.failed), {
                    name: file.name,
                    max: formats.fileSize(largestFile),
                  })
                : t("chat.uploading", { name: file.name, pct: Math.round(file.share * 100) })}
            </span>
            <IconButton
              icon={CloseIcon}
              size="s"
              label={t(file.failed ? "chat.dismiss" : "chat.cancelUpload")}
              onClick={() => drop(file.id)}
            />
            {!file.failed && (
              <progress className={css.progress} value={file.share} aria-label={file.name} />
            )}
          </li>
        ))}
      </ol>
      {more && (
        <button type="button" className={css.more} onClick={toEnd}>
          {t("chat.newBelow")}
        </button>
      )}
      {!online && (
        <p className={css.offline} role="status">
          <RefreshIcon size={16} /> {t("chat.offline")}
        </p>
      )}
      <Composer focus={focus} onSend={onSend} onFiles={send} />
      {over && (
        <div className={css.dropHere} aria-hidden="true">
          {t("chat.drop")}
        </div>
      )}
    </section>
  );
}
