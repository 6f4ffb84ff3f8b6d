import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Practitioner } from "../../api/types";
import { addDays, instantOf, weekStart } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { type CalendarFilter, filterSize } from "../../state/calendarFilter";
import { Button, IconButton } from "../../ui/Button";
import { cx } from "../../ui/cx";
import {
  ChevronDownIcon,
  ChevronLeftIcon,
  ChevronRightIcon,
  PlusIcon,
  WaitingIcon,
} from "../../ui/icons";
import { Segments } from "../../ui/Segments";
import { Filters } from "./Filters";
import { FilterIcon, KeyboardIcon, PrintIcon } from "./icons";
import { KeysHelp } from "./KeysHelp";
import styles from "./Toolbar.module.css";
import { stepped, type View, views } from "./views";

export interface ToolbarProps {
  view: View;
  day: string;
  today: string;
  wide: boolean;
  filter: CalendarFilter;
  /** To choose from; empty for a doctor, who sees the own days. */
  doctors: readonly Practitioner[];
  waiting: number;
  onView: (view: View) => void;
  onDay: (day: string) => void;
  onFilter: (values: Record<string, string>) => void;
  onName: (name: string) => void;
  onNew: () => void;
  /** Opens the one who waits longest. */
  onWaiting: () => void;
}

/** What is shown, of whom and in which way; and the way to something new. */
export function Toolbar(props: ToolbarProps) {
  const { view, day, today, wide, filter, waiting, onView, onDay, onNew, onWaiting } = props;
  const { t } = useTranslation();
  const format = useFormats();
  const size = filterSize(filter);
  const [filters, setFilters] = useState(size > 0);
  const [help, setHelp] = useState(false);
  const monday = weekStart(day);
  const title = {
    week: () => format.span(monday, addDays(monday, 6)),
    agenda: () => format.span(monday, addDays(monday, 6)),
    month: () => format.month(day),
    day: () => format.day(instantOf(day, 720, format.zone)),
    board: () => t("board.title"),
  }[view]();
  const unit = view === "agenda" ? "week" : view;
  const isNow =
    unit === "week"
      ? monday === weekStart(today)
      : unit === "month"
        ? day.slice(0, 7) === today.slice(0, 7)
        : day === today;

  return (
    <div className={styles.toolbar}>
      <div className={styles.title}>
        <h1>
          <span className="sr-only">{t("calendar.title")}: </span>
          {title}
        </h1>
        {unit !== "board" && (
          <div className={styles.steps}>
            <IconButton
              icon={ChevronLeftIcon}
              variant="secondary"
              label={t(`calendar.previous.${unit}`)}
              onClick={() => onDay(stepped(view, day, -1))}
            />
            {(wide || !isNow) && (
              <Button className={styles.now} onClick={() => onDay(today)}>
                {t("calendar.today")}
              </Button>
            )}
            <IconButton
              icon={ChevronRightIcon}
              variant="secondary"
              label={t(`calendar.next.${unit}`)}
              onClick={() => onDay(stepped(view, day, 1))}
            />
          </div>
        )}
        <span role="status">
          {waiting > 0 && (
            <button type="button" className={styles.waiting} onClick={onWaiting}>
              <WaitingIcon size={18} />
              {t("calendar.waitingNow", { count: waiting })}
            </button>
          )}
        </span>
      </div>
      <div className={styles.controls}>
        <Segments
          label={t("calendar.view")}
          value={view}
          onChange={onView}
          options={views
            .filter((name) => wide || name !== "week")
            .map((name) => ({ value: name, name: t(`calendar.${name}`) }))}
        />
        {props.doctors.length > 0 && <DoctorFilter {...props} />}
        <div className={styles.tools}>
          <Button
            icon={FilterIcon}
            aria-expanded={filters}
            aria-controls="calendar-filters"
            aria-label={t("calendar.filters")}
            className={cx(styles.tool, size > 0 && styles.active)}
            onClick={() => setFilters(!filters)}
          >
            <span className={styles.toolText}>{t("calendar.filters")}</span>
            {size > 0 && <span className={styles.badge}>{size}</span>}
          </Button>
          {(view === "day" || view === "agenda") && (
            <IconButton
              icon={PrintIcon}
              variant="secondary"
              className={styles.onlyWide}
              label={t("calendar.print")}
              onClick={() => print()}
            />
          )}
          <IconButton
            icon={KeyboardIcon}
            variant="secondary"
            className={styles.onlyWide}
            label={t("keys.title")}
            onClick={() => setHelp(true)}
          />
          <Button
            variant="primary"
            icon={PlusIcon}
            className={styles.new}
            onClick={onNew}
            aria-label={t("calendar.new")}
          >
            {t(wide ? "calendar.new" : "calendar.newShort")}
          </Button>
        </div>
      </div>
      {filters && <Filters {...props} />}
      {help && <KeysHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

function DoctorFilter({ filter, doctors, onFilter }: ToolbarProps) {
  const { t } = useTranslation();
  return (
    <span className={styles.filter}>
      <select
        aria-label={t("calendar.doctor")}
        value={filter.doctor}
        onChange={(event) => onFilter({ doctor: event.target.value, page: "" })}
      >
        <option value="">{t("calendar.allDoctors")}</option>
        {doctors.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
          </option>
        ))}
      </select>
      <ChevronDownIcon size={18} />
    </span>
  );
}
