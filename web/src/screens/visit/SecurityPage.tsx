import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { createCache } from "../../state/cache";
import { ToastContext } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Toasts } from "../../ui/Toast";
import { createToasts } from "../../ui/toasts";
import { SecurityPanel } from "../security/SecurityPanel";
import css from "./visit.module.css";

/** How the patient signs in, and where they are signed in. */
export default function SecurityPage({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const [cache] = useState(createCache);
  const [toasts] = useState(() => createToasts());
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <QueryClientProvider client={cache}>
      <ToastContext value={toasts}>
        <main className={css.main} id="main">
          <h1 ref={heading} tabIndex={-1}>
            {t("security.title")}
          </h1>
          <SecurityPanel from="/visit" onOut={() => location.replace("/sign-in")} />
          <Button size="l" block onClick={onBack}>
            {t("action.back")}
          </Button>
        </main>
        <Toasts store={toasts} closeLabel={t("action.close")} />
      </ToastContext>
    </QueryClientProvider>
  );
}
