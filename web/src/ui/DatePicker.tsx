import { type CalendarDate, parseDate } from "@internationalized/date";
import { useRef } from "react";
import {
  DatePicker as AriaDatePicker,
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  DateInput,
  DateSegment,
  Dialog,
  FieldError,
  Group,
  Heading,
  I18nProvider,
  Label,
  Popover,
} from "react-aria-components";
import { cx } from "./cx";
import styles from "./DatePicker.module.css";
import field from "./Field.module.css";
import { AlertIcon, CalendarIcon, ChevronLeftIcon, ChevronRightIcon } from "./icons";

export interface DatePickerProps {
  label: string;
  /** Decides the order of day, month and year; the browser's own field follows the browser. */
  locale: string;
  /** "2026-11-23"; empty while incomplete. */
  value: string;
  onChange: (day: string) => void;
  /** The first day that may be chosen. */
  min?: string | undefined;
  error?: string | undefined;
}

const parse = (day: string | undefined): CalendarDate | null => {
  try {
    return day ? parseDate(day) : null;
  } catch {
    return null;
  }
};

/** A date typed in parts or picked from a month. */
export function DatePicker({ label, locale, value, onChange, min, error }: DatePickerProps) {
  const box = useRef<HTMLDivElement>(null);
  return (
    <I18nProvider locale={locale}>
      <AriaDatePicker
        className={field.frame ?? ""}
        value={parse(value)}
        onChange={(date) => onChange(date?.toString() ?? "")}
        minValue={parse(min) ?? null}
        isInvalid={Boolean(error)}
        validationBehavior="aria"
        shouldForceLeadingZeros
        firstDayOfWeek="mon"
      >
        <Label className={field.label ?? ""}>{label}</Label>
        <Group ref={box} className={cx(field.control, styles.group)}>
          <DateInput className={styles.input ?? ""}>
            {(segment) => <DateSegment segment={segment} className={styles.segment ?? ""} />}
          </DateInput>
          <Button className={styles.open ?? ""}>
            <CalendarIcon size={20} />
          </Button>
        </Group>
        {error && (
          <FieldError className={field.error ?? ""}>
            <AlertIcon size={16} />
            {error}
          </FieldError>
        )}
        <Popover
          className={styles.popover ?? ""}
          // A modal dialog lies above everything that is not inside it.
          UNSTABLE_portalContainer={box.current?.closest("dialog") ?? document.body}
        >
          <Dialog className={styles.dialog ?? ""}>
            <Calendar>
              <header className={styles.head}>
                <Button slot="previous" className={styles.step ?? ""}>
                  <ChevronLeftIcon size={20} />
                </Button>
                <Heading className={styles.month ?? ""} />
                <Button slot="next" className={styles.step ?? ""}>
                  <ChevronRightIcon size={20} />
                </Button>
              </header>
              <CalendarGrid weekdayStyle="short" className={styles.grid ?? ""}>
                <CalendarGridHeader>
                  {(day) => (
                    <CalendarHeaderCell className={styles.weekday ?? ""}>{day}</CalendarHeaderCell>
                  )}
                </CalendarGridHeader>
                <CalendarGridBody>
                  {(date) => <CalendarCell date={date} className={styles.cell ?? ""} />}
                </CalendarGridBody>
              </CalendarGrid>
            </Calendar>
          </Dialog>
        </Popover>
      </AriaDatePicker>
    </I18nProvider>
  );
}
