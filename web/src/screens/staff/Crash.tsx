import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { AlertIcon } from "../../ui/icons";

/** Catches what broke while drawing; a reload is the honest way out. */
export class Crash extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useTranslation();
  return (
    <main>
      <EmptyState
        icon={AlertIcon}
        level={1}
        alert
        title={t("error.title")}
        action={
          <Button variant="primary" onClick={() => location.reload()}>
            {t("action.reload")}
          </Button>
        }
      >
        {t("error.internal")}
      </EmptyState>
    </main>
  );
}
