import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMe } from "../../state/me";
import { SecurityPanel } from "./SecurityPanel";
import css from "./security.module.css";

/** The staff's page of the same. */
export default function SecurityScreen() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <div className={css.page}>
      <title>{`${t("security.title")} · ${me.clinic.name}`}</title>
      <header>
        <h1>{t("security.title")}</h1>
        <p className={css.soft}>{t("security.intro")}</p>
        {me.role === "clinic_admin" && <Link to="/tokens">{t("tokens.title")}</Link>}
      </header>
      <SecurityPanel from="/security" onOut={() => location.replace("/sign-in")} />
    </div>
  );
}
