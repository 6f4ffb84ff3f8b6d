import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { type ClinicSettings, useSetLogo } from "../../state/staff";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Logo } from "../../ui/Logo";
import styles from "./admin.module.css";

/** The clinic's picture: it takes effect at once, apart from the form around it. */
export function LogoPicker({
  src,
  onChange,
}: {
  src: string | undefined;
  onChange: (now: ClinicSettings) => void;
}) {
  const { t } = useTranslation();
  const toasts = useToasts();
  const errorText = useErrorText();
  const input = useRef<HTMLInputElement>(null);
  const set = useSetLogo();
  const send = (file: File | undefined) =>
    set.mutate(file, {
      onSuccess: onChange,
      onError: (error) => toasts.show(errorText(error), "bad"),
    });
  return (
    <div className={styles.logo}>
      <Logo size={64} src={src} />
      <div>
        <strong>{t("clinicPage.logo")}</strong>
        <p className={styles.soft}>{t("clinicPage.logoHint")}</p>
        <div className={styles.actions}>
          <input
            ref={input}
            type="file"
            accept="image/png,image/jpeg,image/gif"
            hidden
            data-testid="logo-file"
            onChange={(event) => {
              const file = event.target.files?.[0];
              event.target.value = "";
              if (file) send(file);
            }}
          />
          <Button busy={set.isPending} onClick={() => input.current?.click()}>
            {t("clinicPage.logoSet")}
          </Button>
          {src && (
            <Button disabled={set.isPending} onClick={() => send(undefined)}>
              {t("clinicPage.logoOff")}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}
