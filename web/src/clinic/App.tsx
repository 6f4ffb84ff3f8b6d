import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { BrowserRouter, Navigate, Outlet, Route, Routes } from "react-router";
import { CalendarScreen } from "../screens/calendar/CalendarScreen";
import { Crash } from "../screens/staff/Crash";
import { DemoSignIn } from "../screens/staff/DemoSignIn";
import { NotFound } from "../screens/staff/pages";
import { RequireStaff } from "../screens/staff/RequireStaff";
import { Shell } from "../screens/staff/Shell";
import { createCache } from "../state/cache";
import { useMe } from "../state/me";
import { ToastContext } from "../state/toast";
import { Loading } from "../ui/Loading";
import { Toasts } from "../ui/Toast";
import { createToasts } from "../ui/toasts";

const ConsultationScreen = lazy(() => import("../screens/consultation/ConsultationScreen"));
const ConclusionScreen = lazy(() => import("../screens/conclusion/ConclusionScreen"));
const PatientsScreen = lazy(() => import("../screens/patients/PatientsScreen"));
const CardScreen = lazy(() => import("../screens/patients/CardScreen"));
const OverviewScreen = lazy(() => import("../screens/admin/OverviewScreen"));
const EmergencyBoard = lazy(() => import("../screens/emergency/BoardScreen"));
const WaitlistScreen = lazy(() => import("../screens/waitlist/WaitlistScreen"));
const HoursScreen = lazy(() => import("../screens/hours/HoursScreen"));
const ClinicScreen = lazy(() => import("../screens/admin/ClinicScreen"));
const QuestionnaireScreen = lazy(() => import("../screens/admin/QuestionnaireScreen"));
const TeamScreen = lazy(() => import("../screens/admin/TeamScreen"));
const SignInScreen = lazy(() => import("../screens/signin/SignInScreen"));
const ActivateScreen = lazy(() => import("../screens/signin/ActivateScreen"));
const ResetScreen = lazy(() => import("../screens/signin/ResetScreen"));
const SecurityScreen = lazy(() => import("../screens/security/SecurityScreen"));
const TokensScreen = lazy(() => import("../screens/security/TokensScreen"));

export function App() {
  const { t } = useTranslation();
  const [cache] = useState(createCache);
  const [toasts] = useState(() => createToasts());
  return (
    <QueryClientProvider client={cache}>
      <ToastContext value={toasts}>
        <Crash>
          <BrowserRouter>
            <Suspense fallback={<Loading label={t("loading")} />}>
              <Routes>
                <Route path="/demo" element={<DemoSignIn />} />
                <Route path="/sign-in" element={<SignInScreen />} />
                <Route path="/activate" element={<ActivateScreen />} />
                <Route path="/reset" element={<ResetScreen />} />
                <Route element={<RequireStaff />}>
                  <Route path="/consultation/:encounterId" element={<ConsultationScreen />} />
                  <Route element={<ShellWithPages />}>
                    <Route index element={<Navigate to="/calendar" replace />} />
                    <Route path="/calendar/:appointmentId?" element={<CalendarOrPrices />} />
                    <Route
                      path="/consultation/:encounterId/conclusion"
                      element={<ConclusionScreen />}
                    />
                    <Route path="/patients" element={<PatientsScreen />} />
                    <Route path="/patients/:patientId" element={<CardScreen />} />
                    <Route path="/emergencies" element={<EmergencyBoard />} />
                    <Route path="/waiting-list" element={<WaitlistScreen />} />
                    <Route path="/overview" element={<OverviewScreen />} />
                    <Route path="/team" element={<TeamScreen />} />
                    <Route
                      path="/clinic/services/:serviceId/questions"
                      element={<QuestionnaireScreen />}
                    />
                    <Route path="/clinic/:part?" element={<ClinicScreen />} />
                    <Route path="/hours/:practitionerId?" element={<HoursScreen />} />
                    <Route path="/security" element={<SecurityScreen />} />
                    <Route path="/tokens" element={<TokensScreen />} />
                    <Route path="*" element={<NotFound />} />
                  </Route>
                </Route>
              </Routes>
            </Suspense>
          </BrowserRouter>
        </Crash>
        <Toasts store={toasts} closeLabel={t("action.close")} />
      </ToastContext>
    </QueryClientProvider>
  );
}

/** Accountants have no calendar: their home is what the clinic sells. */
function CalendarOrPrices() {
  return useMe().role === "accountant" ? <Navigate to="/clinic" replace /> : <CalendarScreen />;
}

/** The shell stays while a page's code is on the way. */
function ShellWithPages() {
  const { t } = useTranslation();
  return (
    <Shell>
      <Suspense fallback={<Loading label={t("loading")} />}>
        <Outlet />
      </Suspense>
    </Shell>
  );
}
