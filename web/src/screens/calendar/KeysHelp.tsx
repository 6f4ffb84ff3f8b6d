import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keysAreOn, setKeysOn } from "../../state/calendarKeys";
import { Dialog } from "../../ui/Dialog";
import styles from "./KeysHelp.module.css";

const list: [string[], string][] = [
  [["D", "W", "M", "A", "B"], "keys.views"],
  [["T"], "keys.today"],
  [["Page Up", "Page Down"], "keys.pages"],
  [["←", "↑", "→", "↓"], "keys.arrows"],
  [["Enter"], "keys.enter"],
  [["Esc"], "keys.escape"],
];

/** The calendar's keys, and the way to turn single letters off. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [on, setOn] = useState(keysAreOn);
  return (
    <Dialog open onClose={onClose} title={t("keys.title")} closeLabel={t("action.close")}>
      <dl className={styles.keys}>
        {list.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <label className={styles.switch}>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            setOn(event.target.checked);
            setKeysOn(event.target.checked);
          }}
        />
        {t("keys.letters")}
      </label>
    </Dialog>
  );
}
