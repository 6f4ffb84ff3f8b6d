import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { useOutside } from "../../state/calendar";
import { Notice } from "../../ui/Notice";
import { StatusChip } from "../../ui/StatusChip";
import styles from "./hours.module.css";

/** Visits ahead that the hours do not cover: they stay, and somebody should know. */
export function Outside({ practitionerId }: { practitionerId: string }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { data } = useOutside(practitionerId);
  if (!data || data.length === 0) return null;
  return (
    <Notice tone="warn" title={t("outside.title", { count: data.length })}>
      <p>{t("outside.text")}</p>
      <ul className={styles.outside} data-testid="outside">
        {data.map((item) => (
          <li key={item.id}>
            <Link to={`/calendar/${item.id}?view=day&date=${dayKey(item.start, format.zone)}`}>
              {format.shortDay(item.start)}, {format.timeRange(item.start, item.end)}
            </Link>{" "}
            <span>{item.patient.name}</span> <StatusChip status={item.status} compact />
          </li>
        ))}
      </ul>
    </Notice>
  );
}
