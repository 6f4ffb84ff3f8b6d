import { createContext, useCallback, useContext } from "react";
import { useTranslation } from "react-i18next";
import { errorKey } from "../api/errors";
import { createToasts, type ToastStore } from "../ui/toasts";

export const ToastContext = createContext<ToastStore>(createToasts());

export function useToasts(): ToastStore {
  return useContext(ToastContext);
}

/** Says in words what was refused. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback((error) => t(errorKey(error), { defaultValue: t("error.internal") }), [t]);
}
