import { useTranslation } from "react-i18next";
import type { Appointment } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Button } from "../../ui/Button";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { When } from "./When";

/** Visits that did not take place, in plain words: what happened, what it costs, what now. */
export default function Missed({
  appointments,
  onAgain,
}: {
  appointments: readonly Appointment[];
  onAgain: (id: string) => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <section className={visit.card} aria-labelledby="missed-title">
      <h2 id="missed-title" className={visit.cardTitle}>
        {t("book.missed.title")}
      </h2>
      <ul className={css.entries}>
        {appointments.map((one) => (
          <li key={one.id} className={css.entry} data-testid="missed" data-status={one.status}>
            <h3>{t(`book.missed.${one.status}`)}</h3>
            <p>
              <When at={one.start} />
              <span className={css.own}>
                {one.service.name}, {one.practitioner.name}
              </span>
            </p>
            <p>
              {t(`book.missed.${one.status}Text`)}{" "}
              {one.fee
                ? t("book.missed.fee", { fee: formats.money(one.fee) })
                : t("book.missed.noFee")}
            </p>
            <Button block data-testid="book-again" onClick={() => onAgain(one.id)}>
              {t("book.missed.again")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
