import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { isApiError } from "../../api/errors";
import type { Feed } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button, buttonClass } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { CalendarIcon, CopyIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import css from "./feeds.module.css";

/** Whose visits an address shows: the patient's, the doctor's, or all of the clinic. */
export type FeedOwner = "patient" | "doctor" | "clinic";

type Fault = "failed" | "tooMany";

/** Makes private calendar addresses, shows each once, and takes them back. */
export default function FeedsDialog({ owner, onClose }: { owner: FeedOwner; onClose: () => void }) {
  const { t } = useTranslation();
  const [feeds, setFeeds] = useState<Feed[]>([]);
  const [names, setNames] = useState(false);
  const [url, setUrl] = useState("");
  const [copied, setCopied] = useState(false);
  const [busy, setBusy] = useState("");
  const [fault, setFault] = useState<Fault | null>(null);
  const [removed, setRemoved] = useState(false);

  useEffect(() => {
    let here = true;
    ok(api.GET("/feeds"))
      .then((list) => here && setFeeds(list.items))
      .catch(() => here && setFault("failed"));
    return () => {
      here = false;
    };
  }, []);

  /** Runs one request at a time and shows when it fails. */
  const run = async (what: string, work: () => Promise<void>) => {
    setBusy(what);
    setFault(null);
    setRemoved(false);
    try {
      await work();
    } catch (error) {
      setFault(isApiError(error, "too_many") ? "tooMany" : "failed");
    }
    setBusy("");
  };

  const make = () =>
    run("make", async () => {
      const scope = owner === "clinic" ? "clinic" : "own";
      const made = await ok(api.POST("/feeds", { body: { scope, names } }));
      const { url: address, ...feed } = made;
      setUrl(address);
      setCopied(false);
      setFeeds((old) => [...old, feed]);
    });

  const remove = (id: string) =>
    run(id, async () => {
      await ok(api.DELETE("/feeds/{id}", { params: { path: { id } } }));
      setFeeds((old) => old.filter((feed) => feed.id !== id));
      setUrl("");
      setRemoved(true);
    });

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setCopied(true);
    } catch {
      setCopied(false); // the address stands in the field, to be copied by hand
    }
  };

  return (
    <Dialog open onClose={onClose} title={t("feeds.title")} closeLabel={t("action.close")}>
      <div className={css.form}>
        <p className={css.hint}>
          {t("feeds.hint")} {owner === "clinic" && t("feeds.clinicWide")}{" "}
          {owner === "patient" ? t("feeds.minimal") : !names && t("feeds.initials")}
        </p>
        {url ? (
          <>
            <Field
              label={t("feeds.ready")}
              hint={t("feeds.once")}
              value={url}
              readOnly
              autoFocus
              data-testid="feed-url"
              onFocus={(event) => event.currentTarget.select()}
            />
            <div className={css.row}>
              <Button variant="primary" icon={CopyIcon} onClick={() => void copy()}>
                <span aria-live="polite">{t(copied ? "feeds.copied" : "feeds.copy")}</span>
              </Button>
              <a className={buttonClass()} href={url.replace(/^https?:/, "webcal:")}>
                <CalendarIcon size={20} />
                {t("feeds.toCalendar")}
              </a>
              <Button variant="quiet" onClick={() => setUrl("")}>
                {t("feeds.another")}
              </Button>
            </div>
          </>
        ) : (
          <>
            {owner !== "patient" && (
              <label className={css.check}>
                <input
                  type="checkbox"
                  checked={names}
                  onChange={(event) => setNames(event.target.checked)}
                />
                {t("feeds.names")}
              </label>
            )}
            {names && <Notice tone="warn">{t("feeds.namesRisk")}</Notice>}
            <div className={css.row}>
              <Button
                variant="primary"
                busy={busy === "make"}
                data-testid="feed-make"
                onClick={() => void make()}
              >
                {t("feeds.make")}
              </Button>
            </div>
          </>
        )}
        {fault && <Notice tone="bad">{t(`feeds.${fault}`)}</Notice>}
        {removed && <Notice tone="good">{t("feeds.removed")}</Notice>}
        {feeds.length > 0 && (
          <List feeds={feeds} staff={owner !== "patient"} {...{ busy, remove }} />
        )}
      </div>
    </Dialog>
  );
}

function List({
  feeds,
  staff,
  busy,
  remove,
}: {
  feeds: Feed[];
  staff: boolean;
  busy: string;
  remove: (id: string) => Promise<void>;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <>
      <h3 className={css.subtitle}>{t("feeds.list")}</h3>
      <ul className={css.list}>
        {feeds.map((feed) => {
          const date = formats.dateTime(feed.created);
          return (
            <li key={feed.id} className={css.item}>
              <div>
                {t(feed.scope === "clinic" ? "feeds.clinic" : "feeds.own")}
                {staff && `, ${t(feed.names ? "feeds.byName" : "feeds.byInitials")}`}
                <span>{t("feeds.since", { date })}</span>
              </div>
              <Button
                size="s"
                busy={busy === feed.id}
                aria-label={t("feeds.removeOf", { date })}
                onClick={() => void remove(feed.id)}
              >
                {t("feeds.remove")}
              </Button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
