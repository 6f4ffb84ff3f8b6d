import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { type StaffMember, staffQuery, useMemberAction } from "../../state/staff";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { PlusIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./admin.module.css";
import { MemberDialog } from "./MemberDialog";

/** Who has access to the clinic's pages: registered, changed and closed here. */
export function Members() {
  const { t } = useTranslation();
  const format = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(staffQuery);
  const actions = useMemberAction();
  const [edit, setEdit] = useState<StaffMember | "new">();
  const [leaving, setLeaving] = useState<StaffMember>();
  const [link, setLink] = useState("");
  const [visits, setVisits] = useState<Appointment[]>([]);
  const onError = (fault: unknown) => toasts.show(errorText(fault), "bad");

  return (
    <section className={styles.section} aria-labelledby="members">
      <div className={styles.head}>
        <h2 id="members">{t("people.title")}</h2>
        <Button
          variant="primary"
          icon={PlusIcon}
          onClick={() => setEdit("new")}
          data-testid="add-member"
        >
          {t("people.add")}
        </Button>
      </div>
      {link && (
        <Notice title={t("people.linkTitle")}>
          {t("people.linkText")} <code className={styles.link}>{link}</code>
        </Notice>
      )}
      {visits.length > 0 && (
        <Notice tone="warn" title={t("people.visits", { count: visits.length })}>
          <ul>
            {visits.map((visit) => (
              <li key={visit.id}>
                <Link to={`/calendar/${visit.id}`}>
                  {format.day(visit.start)}, {format.time(visit.start)}: {visit.patient.name}
                </Link>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {data ? (
        <ul className={styles.rows}>
          {data.map((one) => (
            <li key={one.accountId} className={styles.row} data-testid="member">
              <div>
                <strong>{one.name}</strong>
                <p className={styles.soft}>
                  {t(`role.${one.role}`)}
                  {one.state !== "active" && ` · ${t(`people.state.${one.state}`)}`}
                </p>
              </div>
              <div className={styles.actions}>
                {(one.state === "invited" || one.state === "late") && (
                  <Button
                    size="s"
                    onClick={() =>
                      actions.invite.mutate(one.accountId, {
                        onSuccess: (sent) => {
                          toasts.show(t("people.invitedAgain"));
                          setLink(sent.link ?? "");
                        },
                        onError,
                      })
                    }
                  >
                    {t("people.again")}
                  </Button>
                )}
                {one.state === "closed" ? (
                  <Button
                    size="s"
                    onClick={() => actions.reopen.mutate(one.accountId, { onError })}
                  >
                    {t("people.reopen")}
                  </Button>
                ) : (
                  <>
                    <Button size="s" onClick={() => setEdit(one)}>
                      {t("people.edit")}
                    </Button>
                    <Button size="s" variant="quiet" onClick={() => setLeaving(one)}>
                      {t("people.close")}
                    </Button>
                  </>
                )}
              </div>
            </li>
          ))}
        </ul>
      ) : error ? (
        <Failed title={t("team.failed")} error={error} retry={refetch} />
      ) : (
        <Skeleton lines={5} label={t("loading")} />
      )}
      {edit && (
        <MemberDialog
          member={edit === "new" ? undefined : edit}
          onClose={() => setEdit(undefined)}
          onInvited={setLink}
        />
      )}
      <Dialog
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={t("people.closeTitle", { name: leaving?.name })}
        closeLabel={t("action.close")}
        footer={
          <Button
            variant="danger"
            busy={actions.close.isPending}
            onClick={() =>
              leaving &&
              actions.close.mutate(leaving.accountId, {
                onSuccess: (gone) => {
                  setVisits(gone.visits);
                  setLeaving(undefined);
                },
                onError,
              })
            }
          >
            {t("people.close")}
          </Button>
        }
      >
        {t("people.closeText")}
      </Dialog>
    </section>
  );
}
