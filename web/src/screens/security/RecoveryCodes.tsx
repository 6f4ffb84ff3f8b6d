import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { CopyIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import css from "./security.module.css";

/** Recovery codes, this once; to be copied or printed. */
export function RecoveryCodes({
  codes,
  done,
  onDone,
}: {
  codes: string[];
  done: string;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<"" | "yes" | "no">("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      setCopied("yes");
    } catch {
      setCopied("no");
    }
  };
  return (
    <div className={css.setup}>
      <p>{t("security.recovery.about")}</p>
      <Notice tone="warn">{t("security.recovery.once")}</Notice>
      <ol className={css.codes} data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className={css.buttons}>
        <Button icon={CopyIcon} onClick={() => void copy()}>
          {t("security.recovery.copy")}
        </Button>
        <Button onClick={() => window.print()}>{t("security.recovery.print")}</Button>
      </div>
      <p role="status" className={css.soft}>
        {copied && t(copied === "yes" ? "security.recovery.copied" : "security.recovery.notCopied")}
      </p>
      <Button variant="primary" size="l" block onClick={onDone}>
        {done}
      </Button>
    </div>
  );
}
