import { useTranslation } from "react-i18next";
import type { Me } from "../../api/types";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { VideoIcon } from "../../ui/icons";
import { useTitle } from "../call/useTitle";
import css from "./visit.module.css";

/** What an interpreter or a relative sees: their name and the one consultation. */
export function GuestHome({
  me,
  open,
  onJoin,
}: {
  me: Me;
  /** The consultation is not over yet. */
  open: boolean;
  onJoin: (encounterId: string) => void;
}) {
  const { t } = useTranslation();
  useTitle(t("call.title.home"));
  const { visit } = me;
  return (
    <main className={css.main} id="main">
      <section className={css.after}>
        <Avatar name={me.person.name} size={84} />
        <h1>{t("visit.guest.title")}</h1>
        <p>
          {t("visit.guest.as")} <strong>{me.person.name}</strong>
        </p>
        <p className={css.soft}>{t("visit.guest.roleHint")}</p>
        {visit && open ? (
          <Button
            variant="primary"
            size="l"
            icon={VideoIcon}
            className={css.join}
            data-testid="join"
            onClick={() => onJoin(visit.encounterId)}
          >
            {t("visit.guest.join")}
          </Button>
        ) : (
          <p>{t("visit.after.guestHint")}</p>
        )}
      </section>
    </main>
  );
}
