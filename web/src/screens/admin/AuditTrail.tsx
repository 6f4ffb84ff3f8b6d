import { parseDate } from "@internationalized/date";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { useFormats } from "../../i18n/useFormats";
import { useMe } from "../../state/me";
import { type AuditLine, staffQuery } from "../../state/staff";
import { Button } from "../../ui/Button";
import { DatePicker } from "../../ui/DatePicker";
import { Select } from "../../ui/Field";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./admin.module.css";

const areas = [
  "appointment",
  "card",
  "break_glass",
  "patient",
  "consent",
  "intake",
  "encounter",
  "document",
  "composition",
  "emergency",
  "session",
  "account",
  "passkey",
  "token",
  "staff",
  "schedule",
  "service",
  "clinic",
  "audit",
];

/** One record, to see alone what was done to it. */
interface Thing {
  id: string;
  name: string;
}

/** The first moment of a day in the clinic's zone, and of the day after it. */
function bounds(day: string, zone: string): { first: string; after: string } {
  const date = parseDate(day);
  return {
    first: date.toDate(zone).toISOString(),
    after: date.add({ days: 1 }).toDate(zone).toISOString(),
  };
}

/** Who did what to which record, the newest first. */
export function AuditTrail() {
  const { t, i18n } = useTranslation();
  const { zone } = useMe().clinic;
  const format = useFormats();
  const staff = useQuery(staffQuery);
  const [actor, setActor] = useState("");
  const [area, setArea] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [thing, setThing] = useState<Thing>();
  const trail = useInfiniteQuery({
    queryKey: ["audit", actor, area, from, to, thing?.id],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      ok(
        api.GET("/audit", {
          params: {
            query: {
              ...(actor && { actor }),
              ...(area && { area }),
              ...(thing && { object: thing.id }),
              ...(from && { from: bounds(from, zone).first }),
              ...(to && { to: bounds(to, zone).after }),
              ...(pageParam > 0 && { before: pageParam }),
            },
          },
        }),
      ),
    getNextPageParam: (last) => last.before,
    gcTime: 0,
    // Each look is recorded: only the reader's own wish is one.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const who = (line: AuditLine) => line.actor?.name || t(`trail.role.${line.role}`);
  const deed = (line: AuditLine) =>
    t(`trail.did.${line.action.replaceAll(".", "_")}`, { defaultValue: line.action });
  return (
    <section className={styles.section}>
      <div className={styles.pair}>
        <Select
          label={t("trail.who")}
          value={actor}
          onChange={(event) => setActor(event.target.value)}
        >
          <option value="">{t("trail.anybody")}</option>
          {staff.data?.map((one) => (
            <option key={one.accountId} value={one.accountId}>
              {one.name}
            </option>
          ))}
        </Select>
        <Select
          label={t("trail.what")}
          value={area}
          onChange={(event) => setArea(event.target.value)}
        >
          <option value="">{t("trail.anything")}</option>
          {areas.map((one) => (
            <option key={one} value={one}>
              {t(`trail.area.${one}`)}
            </option>
          ))}
        </Select>
        <DatePicker
          label={t("trail.from")}
          locale={i18n.language}
          value={from}
          onChange={setFrom}
        />
        <DatePicker label={t("trail.to")} locale={i18n.language} value={to} onChange={setTo} />
      </div>
      {thing && (
        <div className={styles.head}>
          <span>{t("trail.object", { name: thing.name })}</span>
          <Button onClick={() => setThing(undefined)}>{t("trail.all")}</Button>
        </div>
      )}
      {trail.data ? (
        <ol className={styles.rows}>
          {trail.data.pages
            .flatMap((page) => page.items)
            .map((line) => (
              <li key={line.n} className={styles.row} data-testid="audit-line">
                <div>
                  <strong>{who(line)}</strong> {deed(line)}
                  {line.objectName && (
                    <>
                      {": "}
                      <button
                        type="button"
                        className={styles.only}
                        onClick={() => setThing({ id: line.object, name: line.objectName ?? "" })}
                      >
                        {line.objectName}
                      </button>
                    </>
                  )}
                </div>
                <span className={styles.soft}>
                  {format.day(line.at)}, {format.time(line.at)}
                </span>
              </li>
            ))}
          {!trail.hasNextPage && trail.data.pages.every((page) => page.items.length === 0) && (
            <li className={styles.soft}>{t("trail.none")}</li>
          )}
        </ol>
      ) : trail.error ? (
        <Failed title={t("clinicPage.failed")} error={trail.error} retry={trail.refetch} />
      ) : (
        <Skeleton lines={8} label={t("loading")} />
      )}
      {trail.hasNextPage && (
        <Button busy={trail.isFetchingNextPage} onClick={() => trail.fetchNextPage()}>
          {t("trail.older")}
        </Button>
      )}
    </section>
  );
}
