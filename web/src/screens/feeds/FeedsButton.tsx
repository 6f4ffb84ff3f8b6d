import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { CalendarIcon } from "../../ui/icons";
import type { FeedOwner } from "./FeedsDialog";

const FeedsDialog = lazy(() => import("./FeedsDialog"));

/** The way to private calendar addresses; the dialog comes when it is first needed. */
export function FeedsButton({ owner, block = false }: { owner: FeedOwner; block?: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="quiet"
        icon={CalendarIcon}
        block={block}
        data-testid="feeds"
        onClick={() => setOpen(true)}
      >
        {t("feeds.open")}
      </Button>
      {open && (
        <Suspense>
          <FeedsDialog owner={owner} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
