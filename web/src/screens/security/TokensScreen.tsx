import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import { api, ok } from "../../api/client";
import { isApiError } from "../../api/errors";
import type { ApiToken } from "../../api/types";
import { addDays, dayKey, instantOf } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { keys } from "../../state/keys";
import { useMe } from "../../state/me";
import { signInPath } from "../../state/returnTo";
import { useErrorText, useToasts } from "../../state/toast";
import { Button, buttonClass } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { EmptyState } from "../../ui/EmptyState";
import { Field, Select } from "../../ui/Field";
import { CopyIcon, LinkIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import css from "./security.module.css";

/** Access for the clinic's own systems: what each may do, until when, and when it last did. */
export default function TokensScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const formats = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const cache = useQueryClient();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: keys.tokens,
    queryFn: () => ok(api.GET("/tokens")),
    enabled: me.role === "clinic_admin",
  });
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<ApiToken | null>(null);

  if (me.role !== "clinic_admin") return <Navigate to="/calendar" replace />;
  const changed = () => cache.invalidateQueries({ queryKey: keys.tokens });
  const revoke = async (token: ApiToken) => {
    try {
      await ok(api.DELETE("/tokens/{id}", { params: { path: { id: token.id } } }));
      toasts.show(t("tokens.revoked"), "good");
    } catch (fault) {
      toasts.show(errorText(fault), "bad");
    }
    setEnding(null);
    await changed();
  };
  return (
    <div className={css.page}>
      <title>{`${t("tokens.title")} · ${me.clinic.name}`}</title>
      <header className={css.head}>
        <div>
          <h1>{t("tokens.title")}</h1>
          <p className={css.soft}>{t("tokens.intro")}</p>
        </div>
        <Button variant="primary" onClick={() => setMaking(true)}>
          {t("tokens.make")}
        </Button>
      </header>
      {isPending ? (
        <Skeleton lines={4} label={t("loading")} />
      ) : error ? (
        <Failed title={t("tokens.failed")} error={error} retry={refetch} />
      ) : data.items.length === 0 ? (
        <EmptyState icon={LinkIcon} title={t("tokens.none")} />
      ) : (
        <section className={css.section}>
          <ul className={css.list}>
            {data.items.map((one) => (
              <li key={one.id} className={css.row}>
                <div>
                  <strong>{one.name}</strong>
                  <p className={css.soft}>
                    {one.scopes.map((scope) => scopeName(t, scope)).join(", ")}
                  </p>
                  <p className={css.soft}>
                    {t("tokens.until", { date: formats.date(one.expiresAt) })}
                    {" · "}
                    {one.usedAt
                      ? t("tokens.used", { date: formats.dateTime(one.usedAt) })
                      : t("tokens.unused")}
                  </p>
                </div>
                <Button
                  size="s"
                  aria-label={t("tokens.revokeOf", { name: one.name })}
                  onClick={() => setEnding(one)}
                >
                  {t("tokens.revoke")}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {making && data && (
        <Make
          scopes={data.scopes}
          onClose={() => {
            setMaking(false);
            void changed();
          }}
        />
      )}
      <Dialog
        open={ending !== null}
        onClose={() => setEnding(null)}
        title={t("tokens.revoke")}
        closeLabel={t("action.close")}
      >
        <div className={css.setup}>
          <p>{t("tokens.revokeText", { name: ending?.name })}</p>
          <Button variant="primary" size="l" block onClick={() => ending && void revoke(ending)}>
            {t("tokens.revoke")}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}

const scopeName = (t: TFunction, scope: string) =>
  t(`tokens.scope.${scope.replace(":", "_")}`, { defaultValue: scope });

function Make({ scopes, onClose }: { scopes: string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const errorText = useErrorText();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [days, setDays] = useState("90");
  const [secret, setSecret] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [copied, setCopied] = useState(false);

  const make = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      const last = addDays(dayKey(new Date(), formats.zone), Number(days) + 1);
      const expiresAt = instantOf(last, 0, formats.zone).toISOString();
      const body = { name: name.trim(), scopes: chosen, expiresAt };
      setSecret((await ok(api.POST("/tokens", { body }))).token);
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
  const field = (pointer: string) =>
    isApiError(fault, "invalid") ? fault.fields.get(pointer) && t("error.invalid") : undefined;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied(true);
    } catch {
      setCopied(false);
    }
  };

  return (
    <Dialog open onClose={onClose} title={t("tokens.make")} closeLabel={t("action.close")}>
      {secret ? (
        <div className={css.setup}>
          <Notice tone="warn">{t("tokens.once")}</Notice>
          <code className={css.token} data-testid="api-token">
            {secret}
          </code>
          <Button icon={CopyIcon} onClick={() => void copy()}>
            {t(copied ? "security.recovery.copied" : "security.recovery.copy")}
          </Button>
          <Button variant="primary" onClick={onClose}>
            {t("tokens.saved")}
          </Button>
        </div>
      ) : (
        <form className={css.setup} onSubmit={(event) => void make(event)}>
          {isApiError(fault, "confirm_required") ? (
            <Notice
              tone="lock"
              title={t("security.staleTitle")}
              action={
                <a href={signInPath("/tokens")} className={buttonClass({ variant: "primary" })}>
                  {t("security.again")}
                </a>
              }
            >
              {errorText(fault)}
            </Notice>
          ) : (
            fault !== null && <Notice tone="bad">{errorText(fault)}</Notice>
          )}
          <Field
            label={t("tokens.name")}
            hint={t("tokens.nameHint")}
            value={name}
            maxLength={80}
            required
            error={field("/name")}
            onChange={(event) => setName(event.target.value)}
          />
          <fieldset className={css.scopes}>
            <legend>{t("tokens.scopes")}</legend>
            {scopes.map((scope) => (
              <label key={scope} className={css.scope}>
                <input
                  type="checkbox"
                  checked={chosen.includes(scope)}
                  onChange={(event) =>
                    setChosen(
                      event.target.checked
                        ? [...chosen, scope]
                        : chosen.filter((one) => one !== scope),
                    )
                  }
                />
                {scopeName(t, scope)}
              </label>
            ))}
          </fieldset>
          <Select
            label={t("tokens.life")}
            value={days}
            onChange={(event) => setDays(event.target.value)}
          >
            {["30", "90", "365"].map((count) => (
              <option key={count} value={count}>
                {t("tokens.days", { count: Number(count) })}
              </option>
            ))}
          </Select>
          <Button
            type="submit"
            variant="primary"
            size="l"
            block
            busy={busy}
            disabled={chosen.length === 0}
          >
            {t("tokens.make")}
          </Button>
        </form>
      )}
    </Dialog>
  );
}
