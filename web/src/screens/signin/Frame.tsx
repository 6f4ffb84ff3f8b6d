import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { configQuery } from "../../state/signIn";
import { applyAccent } from "../../ui/accent";
import { cx } from "../../ui/cx";
import { Logo } from "../../ui/Logo";
import { LanguageSwitch } from "../staff/LanguageSwitch";
import css from "./signin.module.css";

/** A page before one is in: the clinic's name, one question at a time, the language. */
export function Frame({
  title,
  step,
  wide,
  children,
}: {
  title: string;
  /** A new step is read out from its heading. */
  step?: string;
  wide?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const { data: config } = useQuery(configQuery);
  const only = config?.clinics.length === 1 ? config.clinics[0] : undefined;
  const heading = useRef<HTMLHeadingElement>(null);
  const accent = only?.accent;
  useEffect(() => applyAccent(accent), [accent]);
  const first = useRef(step);
  useEffect(() => {
    if (step !== first.current) heading.current?.focus();
    first.current = step;
  }, [step]);
  return (
    <div className={css.page}>
      <title>{`${title} · ${only?.name ?? t("app.name")}`}</title>
      <main className={css.middle} id="main">
        <div className={cx(css.card, wide && css.wide)}>
          <span className={css.clinic}>
            <Logo src={only?.logo} />
            {only?.name ?? t("app.name")}
          </span>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {children}
        </div>
      </main>
      <footer className={css.foot}>
        <LanguageSwitch />
      </footer>
    </div>
  );
}
