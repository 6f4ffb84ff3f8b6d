import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/useFormats";
import css from "./booking.module.css";

/** A moment by the clinic's clock, and by the viewer's own where that differs. */
export function When({ at }: { at: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const own = formats.viewerTime(at);
  return (
    <>
      <strong>
        {formats.day(at)}, <time dateTime={at}>{formats.time(at)}</time>
      </strong>
      {own && (
        <span className={css.own}>
          {t("visit.next.clinicTime")}; {t("visit.next.yourTime", { time: own })}
        </span>
      )}
    </>
  );
}

/** Inside a sentence: "Mon, 23 Nov, 10:00". */
export function useShortWhen(): (at: string | Date) => string {
  const formats = useFormats();
  return (at) => `${formats.shortDay(at)}, ${formats.time(at)}`;
}
