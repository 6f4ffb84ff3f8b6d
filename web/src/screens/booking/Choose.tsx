import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Practitioner, Service } from "../../api/types";
import { dayKey } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { ClockIcon } from "../../ui/icons";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { Step } from "./Step";

/** What is needed. */
export function ChooseService({
  services,
  onChoose,
}: {
  services: readonly Service[];
  onChoose: (service: Service) => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Step title={t("book.service.title")}>
      {services.length === 0 && <p>{t("book.service.none")}</p>}
      {services.map((one) => (
        <button
          key={one.id}
          type="button"
          className={css.option}
          data-testid="service"
          data-service={one.id}
          onClick={() => onChoose(one)}
        >
          <span>
            <strong>{one.name}</strong>
            <span className={visit.soft}>
              {t("book.service.facts", {
                minutes: one.durationMin,
                price: one.price.minor === 0 ? t("book.free") : formats.money(one.price),
              })}
            </span>
          </span>
        </button>
      ))}
    </Step>
  );
}

/** Who gives it; whoever is free first is the first choice. */
export function ChooseDoctor({
  about,
  doctors,
  onChoose,
}: {
  about: string;
  doctors: readonly Practitioner[];
  onChoose: (id: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Step title={t("book.doctor.title")} about={about}>
      <button
        type="button"
        className={css.option}
        data-testid="any-doctor"
        onClick={() => onChoose("")}
      >
        <span className={css.sign}>
          <ClockIcon size={26} />
        </span>
        <strong>{t("book.doctor.any")}</strong>
      </button>
      {doctors.map((one) => (
        <button
          key={one.id}
          type="button"
          className={css.option}
          data-testid="doctor"
          onClick={() => onChoose(one.id)}
        >
          <Avatar name={one.name} size={48} />
          <span>
            <strong>{one.name}</strong>
            <span className={visit.soft}>{one.specialty}</span>
          </span>
        </button>
      ))}
    </Step>
  );
}

/** The visit in person that the law wants before some services. */
export function InPerson({
  about,
  onDone,
}: {
  about: string;
  onDone: (ref: { date: string; place: string }) => void;
}) {
  const { t } = useTranslation();
  const { zone } = useFormats();
  const [date, setDate] = useState("");
  const [place, setPlace] = useState("");
  const [tried, setTried] = useState(false);
  const today = dayKey(new Date(), zone);
  const right = date !== "" && date <= today && place.trim() !== "";
  return (
    <Step title={t("book.inPerson.title")} about={about}>
      <form
        className={visit.card}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (right) onDone({ date, place: place.trim() });
        }}
      >
        <p>{t("book.inPerson.text")}</p>
        <Field
          label={t("book.inPerson.date")}
          type="date"
          max={today}
          value={date}
          error={tried && !right ? t("book.inPerson.missing") : undefined}
          onChange={(event) => setDate(event.target.value)}
        />
        <Field
          label={t("book.inPerson.place")}
          maxLength={200}
          value={place}
          onChange={(event) => setPlace(event.target.value)}
        />
        <Button type="submit" variant="primary" size="l" block>
          {t("book.inPerson.go")}
        </Button>
      </form>
    </Step>
  );
}
