import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, idempotencyKey, ok } from "../../api/client";
import { errorKey, isApiError } from "../../api/errors";
import type { Slot } from "../../api/types";
import { Button } from "../../ui/Button";
import { CalendarIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import css from "./booking.module.css";
import { useShortWhen } from "./When";

/** The visit after this one: a time is suggested, and one press keeps it. */
export default function NextVisit({
  after,
  onKept,
}: {
  after: string;
  onKept: (id: string) => void;
}) {
  const { t } = useTranslation();
  const when = useShortWhen();
  const [slot, setSlot] = useState<Slot>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  const key = useRef(idempotencyKey());
  // biome-ignore lint/correctness/useExhaustiveDependencies: suggested anew when one was taken
  useEffect(() => {
    let over = false;
    ok(api.GET("/appointments/{id}/follow-up", { params: { path: { id: after } } }))
      .then((found) => {
        if (!over) setSlot(found);
      })
      .catch(() => {
        if (!over) setSlot(undefined);
      });
    return () => {
      over = true;
    };
  }, [after, round]);
  if (!slot) return null;
  const keep = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const header = { "Idempotency-Key": key.current };
      const made = await ok(
        api.POST("/appointments/{id}/follow-up", {
          params: { path: { id: after }, header },
          body: { start: slot.start },
        }),
      );
      onKept(made.id);
    } catch (fault) {
      setError(fault);
      key.current = idempotencyKey();
      if (isApiError(fault, "slot_taken", "slot_unavailable")) setRound(round + 1);
    }
    setBusy(false);
  };
  return (
    <div className={css.done} data-testid="next-visit">
      <h2>{t("book.follow.title")}</h2>
      <p>{t("book.follow.suggest", { when: when(slot.start) })}</p>
      {error !== undefined && (
        <Notice tone="bad">{t(errorKey(error), { defaultValue: t("error.internal") })}</Notice>
      )}
      <Button
        icon={CalendarIcon}
        size="l"
        busy={busy}
        data-testid="book-next"
        onClick={() => void keep()}
      >
        {t("book.follow.take")}
      </Button>
    </div>
  );
}
