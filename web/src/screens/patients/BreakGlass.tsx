import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { useFormats } from "../../i18n/useFormats";
import { keys } from "../../state/keys";
import { breakGlassQuery } from "../../state/patients";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextArea } from "../../ui/Field";
import { LockIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import styles from "./people.module.css";

const least = 10;

/** Opens a card in an emergency, after saying why and being told who will know. */
export function BreakGlass({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={LockIcon} data-testid="break-glass" onClick={() => setOpen(true)}>
        {t("glass.open")}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t("glass.title")}
        closeLabel={t("action.close")}
      >
        <GlassForm patientId={patientId} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function GlassForm({ patientId, onDone }: { patientId: string; onDone: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const errorText = useErrorText();
  const [reason, setReason] = useState("");
  const [short, setShort] = useState(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      ok(
        api.POST("/patients/{id}/break-glass", {
          params: { path: { id: patientId } },
          body: { reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: [...keys.card, patientId] });
      onDone();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setShort(reason.trim().length < least);
    if (reason.trim().length >= least) mutate();
  };
  return (
    <form className={styles.form} onSubmit={send} noValidate>
      <Notice tone="warn">{t("glass.warning")}</Notice>
      <TextArea
        label={t("glass.reason")}
        hint={t("glass.reasonHint")}
        value={reason}
        maxLength={500}
        autoFocus
        error={short ? t("glass.short") : undefined}
        data-testid="glass-reason"
        onChange={(event) => setReason(event.target.value)}
      />
      {error && <Notice tone="bad">{errorText(error)}</Notice>}
      <div className={styles.row}>
        <Button type="submit" variant="danger" busy={isPending} data-testid="glass-send">
          {t("glass.do")}
        </Button>
        <Button onClick={onDone}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}

/** Emergency accesses that are open now, or over, for who answers for them; nothing when there are none. */
export function BreakGlassList({ now }: { now: boolean }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { data } = useQuery(breakGlassQuery);
  const end = useEndGlass();
  const items = data?.filter((one) => one.open === now) ?? [];
  const title = useId();
  if (items.length === 0) return null;
  return (
    <section className={styles.block} aria-labelledby={title}>
      <h2 id={title}>{t(now ? "glass.nowTitle" : "glass.listTitle")}</h2>
      <ul className={styles.list}>
        {items.map((one) => (
          <li key={one.id} className={styles.item} data-testid="glass">
            <div className={styles.about}>
              <strong>{one.patient.name}</strong>
              <span className={styles.soft}>
                {one.practitioner.name}, {format.date(one.at)}, {format.time(one.at)}
              </span>
              <span>{one.reason}</span>
            </div>
            <span className={styles.state}>
              {one.open ? t("glass.openUntil", { time: format.time(one.until) }) : t("glass.over")}
              <span>{t("glass.reads", { count: one.reads })}</span>
            </span>
            {one.open && (
              <Button size="s" variant="danger" onClick={() => end(one.id)}>
                {t("glass.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function useEndGlass(): (id: string) => void {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const toasts = useToasts();
  const errorText = useErrorText();
  const { mutate } = useMutation({
    mutationFn: (id: string) => ok(api.DELETE("/break-glass/{id}", { params: { path: { id } } })),
    onSuccess: () => toasts.show(t("glass.ended")),
    onError: (error) => toasts.show(errorText(error), "bad"),
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.breakGlass }),
        cache.invalidateQueries({ queryKey: keys.card }),
      ]),
  });
  return mutate;
}
