import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import type { BreakGlass, ConsentState, Reading } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button, buttonClass } from "../../ui/Button";
import { ChevronLeftIcon, DownloadIcon } from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { useTitle } from "../call/useTitle";
import { ContactChoice } from "./ContactChoice";
import css from "./visit.module.css";

interface Known {
  consents: readonly ConsentState[];
  readings: readonly Reading[];
  glass: readonly BreakGlass[];
}

/** What the patient agreed to, who has read their card, and their own copy of it. */
export default function MyData({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const [known, setKnown] = useState<Known>();
  const [failed, setFailed] = useState(false);
  useTitle(t("mydata.title"));
  const load = useCallback(async () => {
    setFailed(false);
    try {
      const [consents, readings, glass] = await Promise.all([
        ok(api.GET("/me/consents")),
        ok(api.GET("/me/readings")),
        ok(api.GET("/break-glass")),
      ]);
      setKnown({ consents: consents.items, readings: readings.items, glass: glass.items });
    } catch {
      setFailed(true);
    }
  }, []);
  useEffect(() => void load(), [load]);
  return (
    <main className={css.main} id="main">
      <Button variant="quiet" icon={ChevronLeftIcon} onClick={onBack}>
        {t("book.back")}
      </Button>
      <h1>{t("mydata.title")}</h1>
      {failed && (
        <Notice tone="bad" action={<Button onClick={load}>{t("action.retry")}</Button>}>
          {t("error.network")}
        </Notice>
      )}
      {!known && !failed && <Loading label={t("loading")} />}
      {known && (
        <>
          <Readings readings={known.readings} glass={known.glass} />
          <Consents consents={known.consents} onChanged={load} />
          <ContactChoice />
          <section className={css.card}>
            <h2 className={css.cardTitle}>{t("mydata.exportTitle")}</h2>
            <p>{t("mydata.exportText")}</p>
            <a
              className={buttonClass({ size: "l", block: true })}
              href="/api/v1/me/export"
              download
              data-testid="export"
            >
              <DownloadIcon size={22} />
              {t("mydata.export")}
            </a>
          </section>
        </>
      )}
    </main>
  );
}

function Readings({ readings, glass }: Pick<Known, "readings" | "glass">) {
  const { t } = useTranslation();
  const format = useFormats();
  const at = (when: string) => `${format.date(when)}, ${format.time(when)}`;
  return (
    <section className={css.card}>
      <h2 className={css.cardTitle}>{t("mydata.readTitle")}</h2>
      {glass.map((one) => (
        <Notice key={one.id} tone="warn" title={t("mydata.glass")}>
          {one.practitioner.name}, {at(one.at)}. {t("book.reason", { reason: one.reason })}
        </Notice>
      ))}
      {readings.length === 0 ? (
        <p className={css.soft}>{t("mydata.nobody")}</p>
      ) : (
        <ul className={css.plain}>
          {readings.map((one) => (
            <li key={one.name + one.first + one.kind} data-testid="reading">
              <strong>{one.name}</strong>
              <br />
              <span className={css.soft}>
                {t(`mydata.by.${one.kind}`)}, {at(one.last)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Consents({
  consents,
  onChanged,
}: {
  consents: readonly ConsentState[];
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormats();
  const [asking, setAsking] = useState("");
  const [wrong, setWrong] = useState<string>();
  const answer = async ({ id, version }: ConsentState, given: boolean) => {
    setWrong(undefined);
    setAsking("");
    try {
      await ok(api.POST("/me/consents", { body: { answers: [{ id, version, given }] } }));
    } catch (error) {
      setWrong(t(errorKey(error)));
    }
    onChanged();
  };
  return (
    <section className={css.card}>
      <h2 className={css.cardTitle}>{t("mydata.consentsTitle")}</h2>
      {wrong && <Notice tone="bad">{wrong}</Notice>}
      <ul className={css.plain}>
        {consents.map((one) => {
          const last = one.history.at(-1);
          return (
            <li key={one.id}>
              <strong>{one.title}</strong>
              <br />
              <span className={css.soft}>
                {one.given && last
                  ? t("mydata.given", { date: format.date(last.at) })
                  : t("mydata.notGiven")}
              </span>
              <details>
                <summary>{t("agree.read")}</summary>
                {one.text.split("\n\n").map((part) => (
                  <p key={part}>{part}</p>
                ))}
              </details>
              {!one.given ? (
                <Button onClick={() => void answer(one, true)}>{t("agree.send")}</Button>
              ) : asking === one.id ? (
                <Notice
                  tone="warn"
                  action={
                    <>
                      <Button
                        variant="danger"
                        data-testid="withdraw"
                        onClick={() => void answer(one, false)}
                      >
                        {t("mydata.withdraw")}
                      </Button>
                      <Button onClick={() => setAsking("")}>{t("action.cancel")}</Button>
                    </>
                  }
                >
                  {t(one.required ? "mydata.withdrawText" : "mydata.withdrawOptional")}
                </Notice>
              ) : (
                <Button onClick={() => setAsking(one.id)}>{t("mydata.withdraw")}</Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
