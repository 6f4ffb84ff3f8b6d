import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { addDays, instantOf, weekStart } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { practitionersQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { Button, IconButton } from "../../ui/Button";
import {
  BoardIcon,
  CalendarIcon,
  ChevronDownIcon,
  ChevronLeftIcon,
  ChevronRightIcon,
  ListIcon,
  PlusIcon,
  WaitingIcon,
} from "../../ui/icons";
import { Segments } from "../../ui/Segments";
import styles from "./Toolbar.module.css";

export type View = "week" | "day" | "agenda" | "board";

interface Props {
  view: View;
  day: string;
  today: string;
  wide: boolean;
  doctor: string;
  waiting: number;
  onView: (view: View) => void;
  onDay: (day: string) => void;
  onDoctor: (id: string) => void;
  onNew: () => void;
  /** Opens the one who waits longest. */
  onWaiting: () => void;
}

/** What is shown, of whom and in which way; and the way to something new. */
export function Toolbar(props: Props) {
  const { view, day, today, wide, waiting, onView, onDay, onNew, onWaiting } = props;
  const { t } = useTranslation();
  const format = useFormats();
  const me = useMe();
  const byWeek = view === "week" || view === "agenda";
  const monday = weekStart(day);
  const title = byWeek
    ? format.span(monday, addDays(monday, 6))
    : format.day(instantOf(day, 720, format.zone));
  const step = byWeek ? 7 : 1;
  const isNow = byWeek ? monday === weekStart(today) : day === today;

  return (
    <div className={styles.toolbar}>
      <div className={styles.title}>
        <h1>
          <span className="sr-only">{t("calendar.title")}: </span>
          {title}
        </h1>
        <div className={styles.steps}>
          <IconButton
            icon={ChevronLeftIcon}
            variant="secondary"
            label={t(byWeek ? "calendar.previousWeek" : "calendar.previousDay")}
            onClick={() => onDay(addDays(day, -step))}
          />
          {(wide || !isNow) && (
            <Button className={styles.now} onClick={() => onDay(today)}>
              {t("calendar.today")}
            </Button>
          )}
          <IconButton
            icon={ChevronRightIcon}
            variant="secondary"
            label={t(byWeek ? "calendar.nextWeek" : "calendar.nextDay")}
            onClick={() => onDay(addDays(day, step))}
          />
        </div>
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
          options={[
            wide
              ? { value: "week", name: t("calendar.week"), icon: CalendarIcon }
              : { value: "day", name: t("calendar.day"), icon: CalendarIcon },
            { value: "agenda", name: t("calendar.agenda"), icon: ListIcon },
            { value: "board", name: t("calendar.board"), icon: BoardIcon },
          ]}
        />
        {me.role === "clinic_admin" && <DoctorFilter {...props} />}
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
  );
}

function DoctorFilter({ doctor, onDoctor }: Props) {
  const { t } = useTranslation();
  const { data } = useQuery(practitionersQuery);
  return (
    <span className={styles.filter}>
      <select
        aria-label={t("calendar.doctor")}
        value={doctor}
        onChange={(event) => onDoctor(event.target.value)}
      >
        <option value="">{t("calendar.allDoctors")}</option>
        {data?.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
          </option>
        ))}
      </select>
      <ChevronDownIcon size={18} />
    </span>
  );
}
