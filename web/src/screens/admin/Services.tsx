import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormats } from "../../i18n/useFormats";
import { draftOf, faultOf, stepsOf } from "../../state/cancelPolicy";
import { useMe } from "../../state/me";
import { currencyDigits, parsePrice, priceText } from "../../state/money";
import {
  type ServiceSettings,
  type ServiceUpdate,
  serviceSettingsQuery,
  useSaveService,
} from "../../state/staff";
import { useErrorText, useToasts } from "../../state/toast";
import { Button, buttonClass } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field, Select } from "../../ui/Field";
import { PlusIcon } from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./admin.module.css";
import { CancelPolicy } from "./CancelPolicy";
import { Choices } from "./Choices";

const kinds = [
  "consultation",
  "follow_up",
  "second_opinion",
  "treatment_change",
  "first_diagnosis",
] as const;
const ways = ["video", "audio", "chat"] as const;

/** What the clinic offers, for how much and how. */
export function Services({ readOnly = false }: { readOnly?: boolean }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const format = useFormats();
  const { data, error, refetch } = useQuery(serviceSettingsQuery);
  const [edit, setEdit] = useState<ServiceSettings | "new">();
  if (!data) {
    return error ? (
      <Failed title={t("clinicPage.failed")} error={error} retry={refetch} />
    ) : (
      <Skeleton lines={5} label={t("loading")} />
    );
  }
  const nameOf = (one: ServiceSettings) =>
    one.name[i18n.language] ?? one.name[me.clinic.languages[0] ?? "ru"] ?? "";
  return (
    <section className={styles.section}>
      {!readOnly && (
        <div className={styles.head}>
          <Button variant="primary" icon={PlusIcon} onClick={() => setEdit("new")}>
            {t("clinicPage.addService")}
          </Button>
        </div>
      )}
      <ul className={styles.rows}>
        {data.items.map((one) => (
          <li key={one.id} className={styles.row}>
            <div>
              <strong>{nameOf(one)}</strong>
              <p className={styles.soft}>
                {t("appointment.duration", { minutes: one.durationMin })} ·{" "}
                {format.money({ minor: one.priceMinor, currency: one.currency })}
                {one.payLater && one.priceMinor > 0 && ` · ${t("visits.payLaterShort")}`}
                {!one.active && ` · ${t("clinicPage.off")}`}
              </p>
            </div>
            {!readOnly && (
              <span className={styles.actions}>
                <Link
                  to={`/clinic/services/${one.id}/questions`}
                  className={buttonClass({ size: "s" })}
                  data-testid="questions-of"
                  aria-label={t("questions.of", { service: nameOf(one) })}
                >
                  {t("questions.title")}
                </Link>
                <Button size="s" data-service={one.id} onClick={() => setEdit(one)}>
                  {t("people.edit")}
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {edit && (
        <ServiceDialog
          known={edit === "new" ? undefined : edit}
          usual={data.defaultCancel}
          onClose={() => setEdit(undefined)}
        />
      )}
    </section>
  );
}

function ServiceDialog({
  known,
  usual,
  onClose,
}: {
  known: ServiceSettings | undefined;
  usual: ServiceUpdate["cancelPolicy"];
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const toasts = useToasts();
  const errorText = useErrorText();
  const save = useSaveService();
  const [form, setForm] = useState<ServiceUpdate>({
    name: known?.name ?? {},
    durationMin: known?.durationMin ?? 30,
    priceMinor: known?.priceMinor ?? 0,
    modalities: known?.modalities ?? ["video", "audio", "chat"],
    kind: known?.kind ?? "consultation",
    cancelPolicy: known?.cancelPolicy ?? [],
    active: known?.active ?? true,
    payLater: known?.payLater ?? false,
  });
  const currency = known?.currency ?? me.clinic.currency;
  const [price, setPrice] = useState(priceText(form.priceMinor, currency));
  const minor = parsePrice(price, currency);
  const [policy, setPolicy] = useState(() => draftOf(form.cancelPolicy));
  const [tried, setTried] = useState(false);
  const submit = () => {
    setTried(true);
    if (minor === undefined || faultOf(policy)) return;
    save.mutate(
      { known, body: { ...form, priceMinor: minor, cancelPolicy: stepsOf(policy) } },
      { onSuccess: onClose, onError: (error) => toasts.show(errorText(error), "bad") },
    );
  };
  const set = (part: Partial<ServiceUpdate>) => setForm((now) => ({ ...now, ...part }));
  const names = new Intl.DisplayNames([i18n.language], { type: "language" });
  return (
    <Dialog
      open
      onClose={onClose}
      placement="side"
      title={t(known ? "clinicPage.editService" : "clinicPage.addService")}
      closeLabel={t("action.close")}
      footer={
        <Button variant="primary" busy={save.isPending} data-testid="save-service" onClick={submit}>
          {t("people.save")}
        </Button>
      }
    >
      <div className={styles.form}>
        {me.clinic.languages.map((code) => (
          <Field
            key={code}
            label={t("clinicPage.nameIn", { language: names.of(code) })}
            value={form.name[code] ?? ""}
            onChange={(event) => set({ name: { ...form.name, [code]: event.target.value } })}
          />
        ))}
        <div className={styles.pair}>
          <Field
            label={t("clinicPage.minutes")}
            type="number"
            min={5}
            max={480}
            step={5}
            value={form.durationMin}
            onChange={(event) => set({ durationMin: event.target.valueAsNumber || 0 })}
          />
          <Field
            label={t("clinicPage.price", { currency })}
            inputMode="decimal"
            value={price}
            error={
              tried && minor === undefined
                ? t("visits.policy.fault.price", { count: currencyDigits(currency) })
                : undefined
            }
            onChange={(event) => setPrice(event.target.value)}
          />
        </div>
        <Choices
          label={t("booking.format")}
          options={ways.map((id) => ({ id, name: t(`modality.${id}`) }))}
          value={form.modalities}
          onChange={(modalities) => set({ modalities: modalities as ServiceUpdate["modalities"] })}
        />
        <Select
          label={t("clinicPage.kindLabel")}
          value={form.kind}
          onChange={(event) => set({ kind: event.target.value as ServiceUpdate["kind"] })}
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`clinicPage.kind.${kind}`)}
            </option>
          ))}
        </Select>
        <CancelPolicy value={policy} usual={draftOf(usual)} onChange={setPolicy} />
        {minor !== 0 && (
          <div>
            <label className={styles.choice}>
              <input
                type="checkbox"
                checked={form.payLater ?? false}
                onChange={(event) => set({ payLater: event.target.checked })}
              />
              {t("visits.payLater")}
            </label>
            <p className={styles.soft}>{t("visits.payLaterHint")}</p>
          </div>
        )}
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={form.active}
            onChange={(event) => set({ active: event.target.checked })}
          />
          {t("clinicPage.active")}
        </label>
      </div>
    </Dialog>
  );
}
