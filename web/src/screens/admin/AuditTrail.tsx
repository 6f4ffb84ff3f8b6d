import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { useFormats } from "../../i18n/useFormats";
import { type AuditLine, staffQuery } from "../../state/staff";
import { Button } from "../../ui/Button";
import { Select } from "../../ui/Field";
import { Skeleton } from "../../ui/Spinner";
import { Failed } from "../staff/pages";
import styles from "./admin.module.css";

const areas = [
  "appointment",
  "card",
  "encounter",
  "document",
  "composition",
  "session",
  "account",
  "staff",
  "schedule",
  "service",
  "clinic",
  "audit",
];

/** Who did what to which record, the newest first. */
export function AuditTrail() {
  const { t } = useTranslation();
  const format = useFormats();
  const staff = useQuery(staffQuery);
  const [actor, setActor] = useState("");
  const [area, setArea] = useState("");
  const trail = useInfiniteQuery({
    queryKey: ["audit", actor, area],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      ok(
        api.GET("/audit", {
          params: {
            query: {
              ...(actor && { actor }),
              ...(area && { area }),
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
      </div>
      {trail.data ? (
        <ol className={styles.rows}>
          {trail.data.pages
            .flatMap((page) => page.items)
            .map((line) => (
              <li key={line.n} className={styles.row} data-testid="audit-line">
                <div>
                  <strong>{who(line)}</strong> {deed(line)}
                  {line.objectName && `: ${line.objectName}`}
                </div>
                <span className={styles.soft}>
                  {format.day(line.at)}, {format.time(line.at)}
                </span>
              </li>
            ))}
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
