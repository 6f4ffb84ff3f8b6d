import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { PatientItem } from "../../api/types";
import { patientsQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { Avatar } from "../../ui/Avatar";
import { Button, IconButton } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import {
  ChevronRightIcon,
  LockIcon,
  PeopleIcon,
  PlusIcon,
  SearchIcon,
  TeamIcon,
} from "../../ui/icons";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import { BreakGlassList } from "./BreakGlass";
import { Invitations } from "./Invitations";
import { InviteDialog } from "./InviteDialog";
import styles from "./PatientsScreen.module.css";
import { Transfer } from "./Transfer";

/** Folds case and marks, so that "elena" and "Елена" are each found as typed. */
const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

export default function PatientsScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const { data, error, isPending, refetch } = useQuery(patientsQuery);
  const [typed, setTyped] = useState("");
  const [inviting, setInviting] = useState(false);
  const [moving, setMoving] = useState<PatientItem>();
  const mayMove = (one: PatientItem) =>
    me.role !== "practitioner" || one.attending?.id === me.person.id;
  const words = fold(useDeferredValue(typed)).split(/\s+/).filter(Boolean);
  const found = (data ?? []).filter((person) => {
    const name = fold(person.name);
    return words.every((word) => name.includes(word));
  });
  return (
    <div className={styles.page}>
      <title>{`${t("patients.title")} · ${me.clinic.name}`}</title>
      <header className={styles.head}>
        <h1>{t("patients.title")}</h1>
        {data && (
          <span className={styles.count} role="status">
            {t("patients.count", { count: found.length })}
          </span>
        )}
        <Button
          variant="primary"
          icon={PlusIcon}
          className={styles.invite}
          data-testid="invite"
          onClick={() => setInviting(true)}
        >
          {t("invite.open")}
        </Button>
      </header>
      <InviteDialog open={inviting} onClose={() => setInviting(false)} />
      {moving && (
        <Transfer
          patient={moving}
          attendingId={moving.attending?.id}
          onClose={() => setMoving(undefined)}
        />
      )}
      {me.role === "clinic_admin" && <BreakGlassList now />}
      <Invitations waiting />
      <label className={styles.search}>
        <SearchIcon size={20} />
        <span className="sr-only">{t("patients.search")}</span>
        <input
          type="search"
          placeholder={t("patients.search")}
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      {isPending ? (
        <Skeleton lines={8} label={t("loading")} />
      ) : error ? (
        <Failed title={t("patients.failed")} error={error} retry={refetch} />
      ) : data.length === 0 ? (
        <EmptyState icon={PeopleIcon} title={t("patients.none")}>
          {t("patients.noneText")}
        </EmptyState>
      ) : found.length === 0 ? (
        <EmptyState icon={SearchIcon} title={t("patients.noMatch")} />
      ) : (
        <ul className={styles.list}>
          {found.map((person) => (
            <li key={person.id} className={styles.row}>
              <Link to={`/patients/${person.id}`} className={styles.person}>
                <Avatar name={person.name} />
                <span>
                  {person.name}
                  {person.attending && <small>{person.attending.name}</small>}
                </span>
                <ChevronRightIcon size={18} />
              </Link>
              {mayMove(person) && (
                <IconButton
                  icon={TeamIcon}
                  label={t("transfer.open", { name: person.name })}
                  onClick={() => setMoving(person)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <Invitations waiting={false} />
      {me.role === "clinic_admin" && <BreakGlassList now={false} />}
      <p className={styles.privacy}>
        <LockIcon size={16} />
        {t("patients.privacy")}
      </p>
    </div>
  );
}
