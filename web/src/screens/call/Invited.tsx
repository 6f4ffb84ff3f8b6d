import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import type { Participant, Practitioner } from "../../api/types";
import { Button } from "../../ui/Button";
import { Select } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import css from "./dialogs.module.css";

/** Who was asked into this consultation, a way to take them out, and colleagues to ask. */
export function Invited({ encounterId, again }: { encounterId: string; again: string }) {
  const { t } = useTranslation();
  const [people, setPeople] = useState<readonly Participant[]>([]);
  const [doctors, setDoctors] = useState<readonly Practitioner[]>([]);
  const [chosen, setChosen] = useState("");
  const [wrong, setWrong] = useState<string>();
  const path = { id: encounterId };

  const load = useCallback(async () => {
    const { participants } = await ok(
      api.GET("/encounters/{id}", { params: { path: { id: encounterId } } }),
    );
    setPeople(participants.filter((one) => one.role === "guest" || one.relation === "colleague"));
  }, [encounterId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: anew after each invitation
  useEffect(() => {
    void load().catch(() => undefined);
  }, [load, again]);
  useEffect(() => {
    ok(api.GET("/practitioners")).then(
      ({ items }) => setDoctors(items),
      () => undefined,
    );
  }, []);

  const attempt = async (act: Promise<unknown>) => {
    setWrong(undefined);
    await act.then(load).catch((error) => setWrong(t(errorKey(error))));
  };
  const remove = (identity: string) =>
    attempt(
      ok(
        api.DELETE("/encounters/{id}/participants/{identity}", {
          params: { path: { ...path, identity } },
        }),
      ),
    );
  const ask = () =>
    attempt(
      ok(
        api.POST("/encounters/{id}/colleagues", {
          params: { path },
          body: { practitionerId: chosen },
        }),
      ),
    ).then(() => setChosen(""));
  return (
    <>
      <div className={css.form}>
        <Select
          label={t("invited.colleague")}
          hint={t("invited.colleagueHint")}
          value={chosen}
          data-testid="colleague"
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value="">{t("invited.choose")}</option>
          {doctors.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}, {one.specialty}
            </option>
          ))}
        </Select>
        {chosen && (
          <div className={css.row}>
            <Button data-testid="colleague-ask" onClick={() => void ask()}>
              {t("invited.ask")}
            </Button>
          </div>
        )}
      </div>
      {wrong && <Notice tone="bad">{wrong}</Notice>}
      {people.length > 0 && (
        <section aria-labelledby="invited-title" className={css.form}>
          <h3 id="invited-title">{t("invited.title")}</h3>
          <ul className={css.people}>
            {people.map((one) => (
              <li key={one.identity} className={css.one} data-testid="invited">
                <span>
                  {one.name}
                  <small className={css.hint}>
                    {t(`call.invite.${one.relation ?? "other"}`)}
                    {one.present && `, ${t("invited.present")}`}
                  </small>
                </span>
                <Button
                  size="s"
                  variant="danger"
                  aria-label={t("invited.removeOf", { name: one.name })}
                  onClick={() => void remove(one.identity)}
                >
                  {t("invited.remove")}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
