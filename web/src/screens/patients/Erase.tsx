import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ok } from "../../api/client";
import type { Erasure } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { patientsQuery } from "../../state/directory";
import { keys } from "../../state/keys";
import { erasureQuery } from "../../state/patients";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TrashIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./people.module.css";

/** Erases a patient for good, where the law keeps nothing; else tells what it keeps. */
export function Erase({ patientId }: { patientId: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={TrashIcon} data-testid="erase" onClick={() => setOpen(true)}>
        {t("erase.open")}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t("erase.title")}
        closeLabel={t("action.close")}
      >
        <Checked patientId={patientId} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Checked({ patientId, onClose }: { patientId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(erasureQuery(patientId));
  if (isPending) return <Skeleton lines={4} label={t("loading")} />;
  if (error) return <Failed title={t("erase.failed")} error={error} retry={refetch} />;
  return data.allowed ? (
    <EraseForm patientId={patientId} onClose={onClose} />
  ) : (
    <Kept erasure={data} onClose={onClose} />
  );
}

/** Why it is not possible now, and what must stay. */
function Kept({ erasure, onClose }: { erasure: Erasure; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    <div className={styles.form}>
      {erasure.open > 0 && (
        <Notice tone="warn" title={t("erase.openVisits", { count: erasure.open })}>
          {t("erase.openVisitsText")}
        </Notice>
      )}
      {erasure.keptUntil && (
        <>
          <Notice
            tone="lock"
            title={t("erase.keptUntil", { date: format.date(erasure.keptUntil) })}
          >
            {t("erase.keptText", { count: erasure.years })}
          </Notice>
          <p>{t("erase.keptVisits", { count: erasure.visits })}</p>
          {erasure.documents.length > 0 && (
            <ul className={styles.kept} data-testid="kept">
              {erasure.documents.map((one) => (
                <li key={one.id}>
                  {t(`card.${one.kind}`)}, {format.date(one.createdAt)}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      <div className={styles.row}>
        <Button onClick={onClose}>{t("action.close")}</Button>
      </div>
    </div>
  );
}

function EraseForm({ patientId, onClose }: { patientId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const { data: patients } = useQuery(patientsQuery);
  const [sure, setSure] = useState(false);
  const [unsure, setUnsure] = useState(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => ok(api.DELETE("/patients/{id}", { params: { path: { id: patientId } } })),
    onSuccess: async () => {
      toasts.show(t("erase.done"));
      await navigate("/patients", { replace: true });
      await cache.invalidateQueries({ queryKey: keys.patients });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setUnsure(!sure);
    if (sure) mutate();
  };
  const name = patients?.find((one) => one.id === patientId)?.name ?? "";
  return (
    <form className={styles.form} onSubmit={send} noValidate>
      <Notice tone="bad" title={t("erase.warning", { name })}>
        {t("erase.warningText")}
      </Notice>
      <label className={styles.sure}>
        <input
          type="checkbox"
          checked={sure}
          aria-invalid={unsure && !sure}
          data-testid="erase-sure"
          onChange={(event) => setSure(event.target.checked)}
        />
        <span>{t("erase.sure")}</span>
      </label>
      {unsure && !sure && <Notice tone="bad">{t("erase.needSure")}</Notice>}
      {error && <Notice tone="bad">{errorText(error)}</Notice>}
      <div className={styles.row}>
        <Button type="submit" variant="danger" busy={isPending} data-testid="erase-send">
          {t("erase.do")}
        </Button>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}
