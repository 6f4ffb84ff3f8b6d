import { useQuery } from "@tanstack/react-query";
import { lazy, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";
import { ClinicZone } from "../../i18n/useFormats";
import { LineProvider } from "../../state/line";
import { MeContext, meQuery } from "../../state/me";
import { applyAccent } from "../../ui/accent";
import { Loading } from "../../ui/Loading";
import { OfferWatch } from "../emergency/OfferWatch";
import { Bare, Failed, SignedOut } from "./pages";

/** Few people set up their sign-in, and once. */
const Enrolment = lazy(async () => ({
  default: (await import("../signin/Enrolment")).Enrolment,
}));

/** Lets the clinic's staff through, in their language, zone and colour, with live news. */
export function RequireStaff() {
  const { t } = useTranslation();
  const { data: me, error, isPending, refetch } = useQuery(meQuery);

  const accent = me?.clinic.accent;
  useEffect(() => applyAccent(accent), [accent]);

  if (isPending) return <Loading label={t("loading")} />;
  if (error) {
    return (
      <Bare title={t("error.title")}>
        <Failed level={1} title={t("error.title")} error={error} retry={refetch} />
      </Bare>
    );
  }
  if (!me) return <SignedOut />;
  if (me.home === "visit") return <Elsewhere />;
  if (me.home === "enrol") return <Enrolment />;
  return (
    <MeContext value={me}>
      <ClinicZone value={me.clinic.zone}>
        <LineProvider key={me.accountId}>
          <Outlet />
          {me.role === "practitioner" && <OfferWatch />}
        </LineProvider>
      </ClinicZone>
    </MeContext>
  );
}

/** Patients and guests have an entry of their own. */
function Elsewhere() {
  const { t } = useTranslation();
  useEffect(() => location.replace("/visit"), []);
  return <Loading label={t("loading")} />;
}
