import {
  type ClipboardEvent,
  type KeyboardEvent,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/Button";
import { AttachIcon, SendIcon } from "../../ui/icons";
import css from "./chat.module.css";

/** The server's limit of one message, in characters. */
const longest = 4000;
/** The field grows to about five lines and scrolls then, in pixels. */
const tallest = 132;

/** The line to write in. Enter sends, Shift with Enter makes a new line; pasted files are sent. */
export function Composer({
  focus,
  onSend,
  onFiles,
}: {
  focus: boolean;
  onSend: (text: string) => void;
  onFiles: (files: Iterable<File>) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const ready = text.trim() !== "";

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, tallest)}px`;
  }, [text]);

  // The person has just opened the chat to write.
  useEffect(() => {
    if (focus) field.current?.focus();
  }, [focus]);

  const send = () => {
    if (!ready) return;
    onSend(text.trim());
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    onFiles(event.clipboardData.files);
  };

  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <span className={css.attach}>
        <AttachIcon size={22} />
        <input
          type="file"
          multiple
          data-testid="chat-file"
          aria-label={t("chat.attach")}
          title={t("chat.attach")}
          onChange={(event) => {
            onFiles(event.currentTarget.files ?? []);
            event.currentTarget.value = "";
          }}
        />
      </span>
      <textarea
        ref={field}
        className={css.field}
        data-testid="chat-input"
        rows={1}
        maxLength={longest}
        value={text}
        placeholder={t("chat.placeholder")}
        aria-label={t("chat.placeholder")}
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <IconButton
        icon={SendIcon}
        type="submit"
        variant="primary"
        label={t("chat.send")}
        data-testid="chat-send"
        className={css.send}
        disabled={!ready}
      />
    </form>
  );
}
