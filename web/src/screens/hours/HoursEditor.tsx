import { useTranslation } from "react-i18next";
import type { Schedule } from "../../api/types";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { AlertIcon, CheckIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { BookingRules } from "./BookingRules";
import { Exceptions } from "./Exceptions";
import styles from "./hours.module.css";
import { useHours } from "./useHours";
import { Week } from "./Week";

/** One doctor's hours as a form; nothing is sent until it is saved. */
export function HoursEditor({
  practitionerId,
  known,
}: {
  practitionerId: string;
  known: Schedule;
}) {
  const { t } = useTranslation();
  const hours = useHours(practitionerId, known);
  const { dirty, faults, clash, saving } = hours;
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (dirty && !saving && !clash) hours.save();
      }}
    >
      <Week hours={hours} />
      <Exceptions hours={hours} />
      <BookingRules hours={hours} />
      <div className={styles.foot}>
        {clash && (
          <Notice
            tone="warn"
            title={t("hours.clashTitle")}
            action={
              <span className={styles.actions}>
                <Button size="s" onClick={hours.takeTheirs}>
                  {t("hours.takeTheirs")}
                </Button>
                <Button size="s" onClick={hours.keepMine}>
                  {t("hours.keepMine")}
                </Button>
              </span>
            }
          >
            {t("hours.clashText")}
          </Notice>
        )}
        <div className={styles.saveRow}>
          <p role="status" className={cx(styles.state, faults.size > 0 && styles.bad)}>
            {faults.size > 0 ? (
              <>
                <AlertIcon size={18} />
                {t("hours.wrong", { count: faults.size })}
              </>
            ) : dirty ? (
              t("hours.unsaved")
            ) : (
              known.version > 0 && (
                <>
                  <CheckIcon size={18} />
                  {t("hours.saved")}
                </>
              )
            )}
          </p>
          {dirty && (
            <Button variant="quiet" onClick={hours.undo}>
              {t("hours.undo")}
            </Button>
          )}
          <Button
            type="submit"
            variant="primary"
            busy={saving}
            disabled={!dirty || clash}
            data-testid="save-hours"
          >
            {t("hours.save")}
          </Button>
        </div>
      </div>
    </form>
  );
}
