import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { isApiError } from "../../api/errors";
import { useFormats } from "../../i18n/useFormats";
import { dutyQuery, offersQuery, useAnswer, useSetDuty } from "../../state/emergency";
import { useErrorText, useToasts } from "../../state/toast";
import { useNow } from "../../state/useNow";
import { Button } from "../../ui/Button";
import { AlertIcon } from "../../ui/icons";
import { startAlarm } from "./alarm";
import styles from "./emergency.module.css";

/** Shows urgent calls over every page of a doctor: one press takes the call and opens the room. */
export function OfferWatch() {
  const { t } = useTranslation();
  const { data: offers } = useQuery(offersQuery);
  const { data: duty } = useQuery(dutyQuery);
  const now = useNow(500).getTime();
  const live = offers?.filter((one) => one.ends > now) ?? [];
  const offer = live[0];

  const title = t("offer.title");
  const ringing = offer !== undefined;
  useEffect(() => (ringing ? startAlarm(title) : undefined), [ringing, title]);

  if (offer) return <Call key={offer.id} offer={offer} more={live.length - 1} now={now} />;
  if (duty?.asked && duty.until) return <StillThere until={duty.until} />;
  return null;
}

type Offer = NonNullable<Awaited<ReturnType<NonNullable<typeof offersQuery.queryFn>>>>[number];

function Call({ offer, more, now }: { offer: Offer; more: number; now: number }) {
  const { t, i18n } = useTranslation();
  const format = useFormats();
  const answer = useAnswer();
  const navigate = useNavigate();
  const toasts = useToasts();
  const errorText = useErrorText();
  // Awaited, not told by callbacks: the offer may be gone from the page before its answer comes.
  const reply = async (yes: boolean) => {
    try {
      const visit = await answer.mutateAsync({ id: offer.id, yes });
      if (visit?.encounterId) void navigate(`/consultation/${visit.encounterId}`);
    } catch (error) {
      if (isApiError(error, "taken")) toasts.show(t("offer.taken"));
      else if (isApiError(error, "offer_over")) toasts.show(t("offer.over"));
      else toasts.show(errorText(error), "bad");
    }
  };
  const left = Math.max(0, Math.ceil((offer.ends - now) / 1000));
  const speaks = new Intl.DisplayNames(i18n.language, { type: "language" }).of(offer.language);
  return (
    <Modal label={t("offer.title")} testId="offer">
      <p className={styles.band} data-band={offer.band}>
        <AlertIcon size={22} />
        {t(`offer.band.${offer.band}`)}
      </p>
      <h2>{t("offer.title")}</h2>
      <p>
        {offer.service}, {t(`modality.${offer.modality}`)}
        <br />
        {t("offer.waits", { time: format.time(offer.askedAt) })}.{" "}
        {t("offer.language", { language: speaks ?? offer.language })}
      </p>
      {offer.chosen && <p className={styles.strong}>{t("offer.chosen")}</p>}
      <p className={styles.left}>{t("offer.seconds", { count: left })}</p>
      {more > 0 && <p className={styles.soft}>{t("offer.more", { count: more })}</p>}
      <div className={styles.answers}>
        <Button
          size="l"
          data-testid="offer-decline"
          disabled={answer.isPending}
          onClick={() => void reply(false)}
        >
          {t("offer.decline")}
        </Button>
        <Button
          variant="primary"
          size="l"
          busy={answer.isPending}
          data-testid="offer-accept"
          onClick={() => void reply(true)}
        >
          {t("offer.accept")}
        </Button>
      </div>
    </Modal>
  );
}

function StillThere({ until }: { until: string }) {
  const { t } = useTranslation();
  const set = useSetDuty();
  return (
    <Modal label={t("duty.stillThere")} testId="still-there">
      <h2>{t("duty.stillThere")}</h2>
      <p>{t("duty.stillThereText")}</p>
      <div className={styles.answers}>
        <Button disabled={set.isPending} onClick={() => set.mutate(null)}>
          {t("duty.goOff")}
        </Button>
        <Button
          variant="primary"
          busy={set.isPending}
          data-testid="i-am-here"
          onClick={() => set.mutate(new Date(until))}
        >
          {t("duty.here")}
        </Button>
      </div>
    </Modal>
  );
}

/** Waits for an answer: Escape does not close it, so a call is not lost by a slip. */
function Modal({
  label,
  testId,
  children,
}: {
  label: string;
  testId: string;
  children: React.ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const [before] = useState(() => document.activeElement);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [before]);
  return (
    <dialog
      ref={ref}
      className={styles.offer}
      aria-label={label}
      data-testid={testId}
      onCancel={(event) => event.preventDefault()}
    >
      {children}
    </dialog>
  );
}
