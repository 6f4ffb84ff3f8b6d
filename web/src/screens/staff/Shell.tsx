import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useLocation } from "react-router";
import type { Me } from "../../api/types";
import { useLineState } from "../../state/line";
import { useMe, useSignOut } from "../../state/me";
import { useErrorText, useToasts } from "../../state/toast";
import { Avatar } from "../../ui/Avatar";
import { Button, buttonClass, IconButton } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Dialog } from "../../ui/Dialog";
import {
  AlertIcon,
  CalendarIcon,
  ClockIcon,
  type IconType,
  LogoutIcon,
  PeopleIcon,
  PulseIcon,
  SettingsIcon,
  ShieldIcon,
  TeamIcon,
  WaitingIcon,
  WifiOffIcon,
} from "../../ui/icons";
import { Logo } from "../../ui/Logo";
import { DutySwitch } from "../emergency/DutySwitch";
import { Joint } from "./Joint";
import { LanguageSwitch } from "./LanguageSwitch";
import styles from "./Shell.module.css";

/** Sees services and prices, and nothing of what the other staff share. */
const money: Me["role"] = "accountant";

const places: { to: string; name: string; icon: IconType; role?: Me["role"]; also?: Me["role"] }[] =
  [
    { to: "/calendar", name: "nav.calendar", icon: CalendarIcon },
    { to: "/overview", name: "nav.overview", icon: PulseIcon, role: "clinic_admin" },
    {
      to: "/emergencies",
      name: "emergencies.nav",
      icon: AlertIcon,
      role: "clinic_admin",
      also: "registrar",
    },
    {
      to: "/waiting-list",
      name: "visits.waitlist.nav",
      icon: WaitingIcon,
      role: "clinic_admin",
      also: "registrar",
    },
    { to: "/patients", name: "nav.patients", icon: PeopleIcon },
    { to: "/hours", name: "hours.nav", icon: ClockIcon, role: "practitioner" },
    { to: "/team", name: "nav.team", icon: TeamIcon, role: "clinic_admin" },
    { to: "/clinic", name: "clinicPage.title", icon: SettingsIcon, role: "clinic_admin" },
    { to: "/clinic", name: "clinicPage.services", icon: SettingsIcon, role: money },
  ];

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  const main = useRef<HTMLElement>(null);
  const place = useLocation().pathname.split("/")[1];
  const first = useRef(true);

  // Going to another place moves the reader to its beginning.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs for each new place
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [place]);

  const shown = places.filter((item) =>
    item.role ? item.role === me.role || item.also === me.role : me.role !== money,
  );
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {t("app.skipToContent")}
      </a>
      <header className={styles.side}>
        <div className={styles.brand}>
          <Logo src={me.clinic.logo} />
          <span className={styles.clinic}>{me.clinic.name}</span>
          <Account className={styles.phoneAccount} />
        </div>
        <div className={styles.duty}>{me.role === "practitioner" && <DutySwitch />}</div>
        <nav className={styles.nav} aria-label={t("nav.label")}>
          {shown.map(({ to, name, icon: Icon }) => (
            <NavLink key={name} to={to} className={styles.place ?? ""}>
              <Icon size={22} />
              {t(name)}
            </NavLink>
          ))}
        </nav>
        <div className={styles.foot}>
          {me.demo && <span className={styles.demo}>{t("nav.demo")}</span>}
          <Who />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <LineNote />
        <Joint />
        {children}
      </main>
    </div>
  );
}

function useLeave() {
  const signOut = useSignOut();
  const toasts = useToasts();
  const errorText = useErrorText();
  return () => signOut().catch((error) => toasts.show(errorText(error), "bad"));
}

function Who() {
  const { t } = useTranslation();
  const me = useMe();
  const leave = useLeave();
  return (
    <div className={styles.who}>
      <Avatar name={me.person.name} />
      <div className={styles.whoText}>
        <span className={styles.name}>{me.person.name}</span>
        <span className={styles.role}>{t(`role.${me.role}`)}</span>
      </div>
      <div className={styles.settings}>
        <LanguageSwitch />
        <Link
          to="/security"
          className={styles.security}
          aria-label={t("security.title")}
          title={t("security.title")}
        >
          <ShieldIcon size={22} />
        </Link>
        <IconButton icon={LogoutIcon} label={t("action.signOut")} onClick={leave} />
      </div>
    </div>
  );
}

/** On phones the account lives behind the avatar. */
function Account({ className }: { className: string | undefined }) {
  const { t } = useTranslation();
  const me = useMe();
  const leave = useLeave();
  const [open, setOpen] = useState(false);
  return (
    <div className={className}>
      <button
        type="button"
        className={styles.avatarButton}
        aria-label={t("nav.account")}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Avatar name={me.person.name} size={36} />
      </button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={me.person.name}
        closeLabel={t("action.close")}
      >
        <div className={styles.account}>
          <span className={styles.role}>
            {t(`role.${me.role}`)}, {me.clinic.name}
          </span>
          <LanguageSwitch />
          <Link
            to="/security"
            className={buttonClass({ block: true })}
            onClick={() => setOpen(false)}
          >
            <ShieldIcon size={20} />
            {t("security.title")}
          </Link>
          <Button icon={LogoutIcon} onClick={leave} block>
            {t("action.signOut")}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}

/** Says when live news do not come; announced when it changes. */
function LineNote() {
  const { t } = useTranslation();
  const lost = useLineState() === "lost";
  return (
    <div role="status" className={cx(lost && styles.line)}>
      {lost && (
        <>
          <WifiOffIcon size={18} />
          {t("nav.offline")}
        </>
      )}
    </div>
  );
}
