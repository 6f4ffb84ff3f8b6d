import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { signInPath } from "../../state/returnTo";
import { useErrorText } from "../../state/toast";
import { Button, buttonClass } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { AlertIcon, LinkIcon, LockIcon, SearchIcon } from "../../ui/icons";
import { LanguageSwitch } from "./LanguageSwitch";
import styles from "./pages.module.css";

/** A page outside the shell: one message in the middle, and the language switch. */
export function Bare({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.bare}>
      <title>{`${title} · Consilium`}</title>
      <main className={styles.middle}>{children}</main>
      <footer className={styles.foot}>
        <LanguageSwitch />
      </footer>
    </div>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <title>{t("notFound.title")}</title>
      <EmptyState
        icon={SearchIcon}
        level={1}
        title={t("notFound.title")}
        action={
          <Link to="/calendar" className={buttonClass({ variant: "primary" })}>
            {t("nav.calendar")}
          </Link>
        }
      >
        {t("notFound.text")}
      </EmptyState>
    </>
  );
}

export function WrongLink() {
  const { t } = useTranslation();
  return (
    <Bare title={t("link.wrongTitle")}>
      <EmptyState icon={LinkIcon} level={1} alert title={t("link.wrongTitle")}>
        {t("link.wrongText")}
      </EmptyState>
    </Bare>
  );
}

export function SignedOut() {
  const { t } = useTranslation();
  return (
    <Bare title={t("signIn.signedOutTitle")}>
      <EmptyState
        icon={LockIcon}
        level={1}
        title={t("signIn.signedOutTitle")}
        action={
          <Link
            to={signInPath(location.pathname)}
            className={buttonClass({ variant: "primary", size: "l" })}
          >
            {t("signIn.toSignIn")}
          </Link>
        }
      >
        {t("signIn.signedOutText")}
      </EmptyState>
    </Bare>
  );
}

/** What a page or panel says when its data could not be fetched. */
export function Failed({
  title,
  error,
  retry,
  level = 2,
}: {
  title: string;
  error: unknown;
  retry: () => void;
  level?: 1 | 2 | 3;
}) {
  const { t } = useTranslation();
  const text = useErrorText();
  return (
    <EmptyState
      icon={AlertIcon}
      level={level}
      alert
      title={title}
      action={
        <Button variant="primary" onClick={retry}>
          {t("action.retry")}
        </Button>
      }
    >
      {text(error)}
    </EmptyState>
  );
}
