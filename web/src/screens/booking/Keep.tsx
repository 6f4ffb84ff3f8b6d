import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, idempotencyKey, ok } from "../../api/client";
import { errorKey, isApiError } from "../../api/errors";
import type { Action, Appointment, Modality, Service } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { seen } from "../../state/appointments";
import { useNow } from "../../state/useNow";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Select, TextArea } from "../../ui/Field";
import { ClockIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { countdown } from "../../visit/booking";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { Step } from "./Step";
import { Terms, useCancellation } from "./Terms";
import { When } from "./When";

/** What a patient says about a visit; it outlives a hold that ran out. */
export interface Words {
  complaint: string;
  modality?: Modality;
}

/** What a press of the big button leads to, by what the server allows. */
const ways = ["confirm", "pay", "request"] as const satisfies readonly Action[];

/** One look at it all while the time is kept: what, when, for how much, and on what terms. */
export function Keep({
  appointment,
  service,
  words,
  clockOffset,
  keeping,
  fault,
  onWords,
  onBooked,
  onAgain,
  onOther,
}: {
  /** As the server has it now. */
  appointment: Appointment;
  service: Service | undefined;
  words: Words;
  clockOffset: number;
  /** The same time is being asked for anew. */
  keeping: boolean;
  /** Why it could not be. */
  fault: unknown;
  onWords: (words: Words) => void;
  onBooked: (appointment: Appointment) => void;
  onAgain: () => void;
  onOther: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(1000).getTime() + clockOffset;
  const terms = useCancellation(appointment.id);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const [lapsed, setLapsed] = useState(false);
  const { practitioner, price, status } = appointment;
  const modality = words.modality ?? appointment.modality;
  // The same press sent twice over a bad line is one booking; a changed one is new.
  const intent = JSON.stringify([appointment.id, modality, words.complaint]);
  const key = useRef({ intent, id: idempotencyKey() });
  if (key.current.intent !== intent) key.current = { intent, id: idempotencyKey() };

  // What has run out no longer says when it did.
  const known = useRef(appointment.holdExpires ?? "");
  const until = appointment.holdExpires ?? known.current;
  const left = Date.parse(until) - now;
  const turnedDown = status === "declined";
  const over = lapsed || left <= 0 || status !== "held";
  const way = ways.find((one) => appointment.actions.includes(one)) ?? "confirm";

  const send = async () => {
    setSending(true);
    setError(undefined);
    try {
      const complaint = words.complaint.trim();
      const made = await ok(
        api.POST("/appointments/{id}/confirm", {
          params: {
            path: { id: appointment.id },
            header: { ...seen(appointment.version), "Idempotency-Key": key.current.id },
          },
          body: { modality, ...(complaint ? { complaint } : {}) },
        }),
      );
      onBooked(made);
    } catch (problem) {
      setSending(false);
      // Between the last look and the press the time ran out, or the clinic took it back.
      if (isApiError(problem, "transition_refused", "version_stale")) setLapsed(true);
      else setError(problem);
    }
  };

  const amount = formats.money(price);
  const toPay = {
    confirm: "book.keep.payLater",
    pay: "book.keep.payNow",
    request: "book.keep.payDesk",
  };
  const modalities = service?.modalities ?? [];
  return (
    <Step title={t("book.keep.title")}>
      <section className={visit.card} data-testid="keep">
        {over ? (
          <>
            <Notice tone="warn">
              <span data-testid="lapsed">
                {turnedDown
                  ? t("book.keep.turnedDown", { reason: appointment.reason ?? "" })
                  : t("book.keep.over", { time: until ? formats.time(until) : "" })}
              </span>
            </Notice>
            {fault !== undefined && (
              <Notice tone="bad">
                {t(errorKey(fault), { defaultValue: t("error.internal") })}
              </Notice>
            )}
            {!turnedDown && (
              <Button
                variant="primary"
                size="l"
                block
                busy={keeping}
                data-testid="keep-again"
                onClick={onAgain}
              >
                {t("book.keep.again", { time: formats.time(appointment.start) })}
              </Button>
            )}
          </>
        ) : (
          <p className={css.kept}>
            <ClockIcon size={22} />
            <span role="timer" className="tnum" data-testid="hold-left">
              {t("book.keep.left", { time: countdown(left) })}
            </span>
          </p>
        )}
        <div className={visit.doctor}>
          <Avatar name={practitioner.name} size={64} />
          <div>
            <p className={visit.doctorName}>{practitioner.name}</p>
            <p className={visit.soft}>{practitioner.specialty}</p>
          </div>
        </div>
        <p>
          <When at={appointment.start} />
        </p>
        <p>
          {appointment.service.name}
          <span className={css.own}>
            {t("book.service.facts", {
              minutes: appointment.service.durationMin,
              price: price.minor === 0 ? t("book.free") : amount,
            })}
          </span>
        </p>
        {modalities.length > 1 && (
          <Select
            label={t("book.keep.format")}
            value={modality}
            onChange={(event) => onWords({ ...words, modality: event.target.value as Modality })}
          >
            {modalities.map((one) => (
              <option key={one} value={one}>
                {t(`modality.${one}`)}
              </option>
            ))}
          </Select>
        )}
        <TextArea
          label={t("book.keep.complaint")}
          mark={t("book.optional")}
          hint={t("book.keep.complaintHint")}
          rows={3}
          maxLength={2000}
          value={words.complaint}
          onChange={(event) => onWords({ ...words, complaint: event.target.value })}
        />
        {price.minor > 0 && (
          <dl className={css.lines}>
            <div>
              <dt>{t("book.keep.toPay")}</dt>
              <dd>{t(toPay[way], { price: amount })}</dd>
            </div>
          </dl>
        )}
        {terms && <Terms appointment={appointment} terms={terms} now={now} />}
        {error !== undefined && (
          <Notice tone="bad">{t(errorKey(error), { defaultValue: t("error.internal") })}</Notice>
        )}
        {!over && (
          <>
            <Button
              variant="primary"
              size="l"
              block
              busy={sending}
              data-testid="confirm-booking"
              onClick={() => void send()}
            >
              {t(`book.keep.${way}`)}
            </Button>
            {way === "request" && <p className={visit.joinHint}>{t("book.keep.requestHint")}</p>}
          </>
        )}
        <Button block disabled={sending} data-testid="other-time" onClick={onOther}>
          {t("book.keep.other")}
        </Button>
      </section>
    </Step>
  );
}
