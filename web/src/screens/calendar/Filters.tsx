import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { filterSize } from "../../state/calendarFilter";
import { servicesQuery } from "../../state/directory";
import { stages } from "../../state/stages";
import { Button } from "../../ui/Button";
import { Field, Select } from "../../ui/Field";
import styles from "./Filters.module.css";
import type { ToolbarProps } from "./Toolbar";

/** What narrows the view: who, what, how and where it stands. */
export function Filters({ view, filter, onFilter, onName }: ToolbarProps) {
  const { t } = useTranslation();
  const services = useQuery(servicesQuery).data ?? [];
  const ways = [...new Set(services.flatMap(({ modalities }) => modalities))];
  return (
    <search id="calendar-filters" className={styles.filters} aria-label={t("calendar.filters")}>
      {view !== "month" && (
        <Field
          label={t("calendar.byName")}
          type="search"
          autoComplete="off"
          value={filter.name}
          onChange={(event) => onName(event.target.value)}
        />
      )}
      <Select
        label={t("appointment.service")}
        value={filter.service}
        onChange={(event) => onFilter({ service: event.target.value })}
      >
        <option value="">{t("calendar.allServices")}</option>
        {services.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      {view !== "board" && (
        <Select
          label={t("calendar.state")}
          value={filter.stage}
          onChange={(event) => onFilter({ stage: event.target.value })}
        >
          <option value="">{t("calendar.allStates")}</option>
          {stages.map(({ name }) => (
            <option key={name} value={name}>
              {t(`stage.${name}`)}
            </option>
          ))}
        </Select>
      )}
      <Select
        label={t("appointment.format")}
        value={filter.modality}
        onChange={(event) => onFilter({ modality: event.target.value })}
      >
        <option value="">{t("calendar.allFormats")}</option>
        {ways.map((way) => (
          <option key={way} value={way}>
            {t(`modality.${way}`)}
          </option>
        ))}
      </Select>
      {filterSize(filter) > 0 && (
        <Button
          variant="quiet"
          onClick={() => {
            onName("");
            onFilter({ service: "", stage: "", modality: "" });
          }}
        >
          {t("calendar.clearFilters")}
        </Button>
      )}
    </search>
  );
}
