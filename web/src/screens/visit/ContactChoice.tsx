import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import type { Contact } from "../../api/types";
import { Notice } from "../../ui/Notice";
import css from "./intake.module.css";
import visit from "./visit.module.css";

/** By email or by SMS: where reminders and news of visits go. */
export function ContactChoice() {
  const { t } = useTranslation();
  const [contact, setContact] = useState<Contact>();
  const [note, setNote] = useState<"saved" | { fault: string }>();
  useEffect(() => {
    ok(api.GET("/me/contact"))
      .then(setContact)
      .catch((error: unknown) => setNote({ fault: errorKey(error) }));
  }, []);
  const choose = async (channel: Contact["channel"]) => {
    try {
      setContact(await ok(api.PUT("/me/contact", { body: { channel } })));
      setNote("saved");
    } catch (error) {
      setNote({ fault: errorKey(error) });
    }
  };
  const first = contact?.ways.find(({ works }) => works)?.channel;
  const chosen = contact?.channel === "usual" ? first : contact?.channel;
  return (
    <section className={visit.card}>
      <h2 className={visit.cardTitle}>{t("contact.title")}</h2>
      {contact && contact.ways.length === 0 && <p className={visit.soft}>{t("contact.none")}</p>}
      {contact && contact.ways.length > 0 && (
        <fieldset className={css.choice}>
          <legend className="sr-only">{t("contact.title")}</legend>
          <div className={css.ways}>
            {contact.ways.map((way) => (
              <label key={way.channel} className={css.option}>
                <input
                  type="radio"
                  name="contact"
                  checked={chosen === way.channel}
                  disabled={!way.works}
                  onChange={() => void choose(way.channel)}
                />
                <span>
                  {t(`contact.${way.channel}`)}
                  <br />
                  <span className={visit.soft}>
                    {way.to}
                    {!way.works && `, ${t("contact.off")}`}
                  </span>
                </span>
              </label>
            ))}
          </div>
          <p className={css.help} role="status">
            {note === "saved" ? t("contact.saved") : t("contact.hint")}
          </p>
        </fieldset>
      )}
      {typeof note === "object" && (
        <Notice tone="bad">{t(note.fault, { defaultValue: t("error.internal") })}</Notice>
      )}
    </section>
  );
}
