import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../state/me";
import { type ClinicSettings, type ClinicUpdate, useSaveClinic } from "../../state/staff";
import { useErrorText, useToasts } from "../../state/toast";
import { accentTokens, applyAccent } from "../../ui/accent";
import { Button } from "../../ui/Button";
import { Field, Select } from "../../ui/Field";
import styles from "./admin.module.css";
import { LogoPicker } from "./LogoPicker";

/** The zones this browser knows, and the one in use, which may have an older name. */
function zones(used: string): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return known.includes(used) ? known : [used, ...known];
}

const quietNights = { from: "21:00", to: "08:00" };

/** The clinic's name, look and rules as one form, with the look at once on the page. */
export function ClinicForm({ known }: { known: ClinicSettings }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const toasts = useToasts();
  const errorText = useErrorText();
  const save = useSaveClinic();
  const [form, setForm] = useState<ClinicUpdate>({
    name: known.name,
    zone: known.zone,
    languages: known.languages,
    licence: known.licence,
    address: known.address,
    phone: known.phone,
    accent: known.accent,
    settings: known.settings,
  });
  const set = (part: Partial<ClinicUpdate>) => setForm((now) => ({ ...now, ...part }));
  const policy = (part: Partial<ClinicUpdate["settings"]>) =>
    setForm((now) => ({ ...now, settings: { ...now.settings, ...part } }));
  // What was edited stands on this version, also after others have changed the clinic.
  const [version, setVersion] = useState(known.version);
  const names = new Intl.DisplayNames([i18n.language], { type: "language" });
  const accent = me.clinic.accent;
  useEffect(() => applyAccent(form.accent), [form.accent]);
  useEffect(() => () => applyAccent(accent), [accent]);
  // A colour too pale for white text is taken in its nearest readable shade.
  const readable = accentTokens(form.accent)?.["--accent"] ?? form.accent;

  const send = () =>
    save.mutate(
      { version, body: { ...form, accent: readable } },
      {
        onSuccess: (now) => {
          setVersion(now.version);
          toasts.show(t("people.saved"));
        },
        onError: (error) => toasts.show(errorText(error), "bad"),
      },
    );
  const quiet = form.settings.quiet;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <section className={styles.card}>
        {form.languages.map((code) => (
          <Field
            key={code}
            label={t("clinicPage.nameIn", { language: names.of(code) })}
            value={form.name[code] ?? ""}
            onChange={(event) => set({ name: { ...form.name, [code]: event.target.value } })}
          />
        ))}
        {form.languages.map((code) => (
          <Field
            key={code}
            label={t("clinicPage.addressIn", { language: names.of(code) })}
            value={form.address[code] ?? ""}
            onChange={(event) => set({ address: { ...form.address, [code]: event.target.value } })}
          />
        ))}
        <div className={styles.pair}>
          <Field
            label={t("clinicPage.phone")}
            type="tel"
            value={form.phone}
            onChange={(event) => set({ phone: event.target.value })}
          />
          <Field
            label={t("clinicPage.licence")}
            value={form.licence}
            onChange={(event) => set({ licence: event.target.value })}
          />
        </div>
        <Select
          label={t("clinicPage.zone")}
          hint={t("clinicPage.zoneHint")}
          value={form.zone}
          onChange={(event) => set({ zone: event.target.value })}
        >
          {zones(form.zone).map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </Select>
      </section>
      <section className={styles.card}>
        <LogoPicker
          src={me.clinic.logo}
          onChange={(now) => setVersion((base) => (base === known.version ? now.version : base))}
        />
        <Field
          label={t("clinicPage.accent")}
          hint={readable === form.accent ? undefined : t("clinicPage.darker")}
          type="color"
          value={form.accent}
          onChange={(event) => set({ accent: event.target.value })}
        />
        <div className={styles.preview} aria-hidden="true">
          <span className={styles.sample}>{t("clinicPage.sample")}</span>
          <strong>{form.name[form.languages[0] ?? "ru"]}</strong>
        </div>
      </section>
      <section className={styles.card}>
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={form.settings.requireStrong}
            onChange={(event) => policy({ requireStrong: event.target.checked })}
          />
          {t("clinicPage.strong")}
        </label>
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={quiet !== undefined}
            onChange={(event) => {
              const { quiet: _, ...rest } = form.settings;
              set({ settings: event.target.checked ? { ...rest, quiet: quietNights } : rest });
            }}
          />
          {t("clinicPage.quiet")}
        </label>
        {quiet && (
          <div className={styles.pair}>
            <Field
              label={t("clinicPage.from")}
              type="time"
              value={quiet.from}
              onChange={(event) => policy({ quiet: { ...quiet, from: event.target.value } })}
            />
            <Field
              label={t("clinicPage.to")}
              type="time"
              value={quiet.to}
              onChange={(event) => policy({ quiet: { ...quiet, to: event.target.value } })}
            />
          </div>
        )}
        <Field
          label={t("clinicPage.idle")}
          hint={t("clinicPage.idleHint")}
          type="number"
          min={0}
          max={240}
          value={form.settings.staffIdleMin}
          onChange={(event) => policy({ staffIdleMin: event.target.valueAsNumber || 0 })}
        />
      </section>
      <section className={styles.card}>
        <h2>{t("clinicPage.law", { name: known.jurisdiction.name })}</h2>
        <p className={styles.soft}>{known.jurisdiction.note}</p>
        <ul>
          {known.jurisdiction.kinds.map((rule) => (
            <li key={rule.kind}>
              {t(`clinicPage.kind.${rule.kind}`)}: {t(`clinicPage.allow.${rule.allow}`)}
            </li>
          ))}
        </ul>
      </section>
      <Button type="submit" variant="primary" busy={save.isPending} data-testid="save-clinic">
        {t("people.save")}
      </Button>
    </form>
  );
}
