import { useTranslation } from "react-i18next";
import { Button, buttonClass } from "../../ui/Button";
import css from "./visit.module.css";

export type ProblemKind = "bad" | "missing" | "offline" | "oldBrowser";

/** The page cannot open, and what the person can do. */
export function Problem({ kind, onAgain }: { kind: ProblemKind; onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <main className={css.main} id="main">
      <section className={css.after} role="alert">
        {kind === "oldBrowser" ? (
          <p>{t("visit.oldBrowser")}</p>
        ) : (
          <>
            <h1>{t(`visit.link.${kind}Title`)}</h1>
            <p>{t(`visit.link.${kind}Hint`)}</p>
          </>
        )}
        {kind === "offline" && (
          <Button variant="primary" size="l" onClick={onAgain}>
            {t("visit.link.again")}
          </Button>
        )}
        {(kind === "missing" || kind === "bad") && (
          <a
            href="/sign-in"
            className={buttonClass({ variant: "primary", size: "l", block: true })}
          >
            {t("signIn.toSignIn")}
          </a>
        )}
        <p className={css.soft}>{t("visit.help")}</p>
      </section>
    </main>
  );
}
