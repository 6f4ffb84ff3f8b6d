import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { GuestInvitation } from "../../api/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field, Select } from "../../ui/Field";
import { CopyIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import css from "./dialogs.module.css";
import { Invited } from "./Invited";

type Relation = GuestInvitation["relation"];
const relations: Relation[] = ["interpreter", "relative", "colleague", "other"];

/** Makes a link for a third person, to copy or to send with the device's own means. */
export function InviteDialog({
  encounterId,
  open,
  onClose,
}: {
  encounterId: string;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [relation, setRelation] = useState<Relation>("interpreter");
  const [state, setState] = useState<"idle" | "busy" | "failed" | "nameless">("idle");
  const [link, setLink] = useState("");
  const [copied, setCopied] = useState(false);

  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") {
      setState("nameless");
      return;
    }
    setState("busy");
    try {
      const made = await ok(
        api.POST("/encounters/{id}/guests", {
          params: { path: { id: encounterId } },
          body: { name: name.trim(), relation },
        }),
      );
      setLink(made.link);
      setState("idle");
    } catch {
      setState("failed");
    }
  };

  const copy = async () => {
    await navigator.clipboard.writeText(link).catch(() => undefined);
    setCopied(true);
  };

  const again = () => {
    setLink("");
    setName("");
    setCopied(false);
  };

  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("call.invite.title")}
      closeLabel={t("action.close")}
    >
      {link ? (
        <div className={css.form}>
          <Field
            label={t("call.invite.ready", { name: name.trim() })}
            value={link}
            readOnly
            data-testid="guest-link"
            onFocus={(event) => event.currentTarget.select()}
          />
          <div className={css.row}>
            <Button variant="primary" icon={CopyIcon} onClick={() => void copy()}>
              <span aria-live="polite">
                {t(copied ? "call.invite.copied" : "call.invite.copy")}
              </span>
            </Button>
            {"share" in navigator && (
              <Button
                onClick={() =>
                  void navigator
                    .share({ title: t("call.invite.shareText"), url: link })
                    .catch(() => undefined)
                }
              >
                {t("call.invite.share")}
              </Button>
            )}
            <Button variant="quiet" onClick={again}>
              {t("call.invite.another")}
            </Button>
          </div>
        </div>
      ) : (
        <form className={css.form} onSubmit={(event) => void make(event)} noValidate>
          <p className={css.hint}>{t("call.invite.hint")}</p>
          <Field
            label={t("call.invite.name")}
            value={name}
            maxLength={120}
            autoComplete="off"
            autoFocus
            error={state === "nameless" ? t("call.invite.needName") : undefined}
            onChange={(event) => setName(event.target.value)}
          />
          <Select
            label={t("call.invite.relation")}
            value={relation}
            onChange={(event) => setRelation(event.target.value as Relation)}
          >
            {relations.map((one) => (
              <option key={one} value={one}>
                {t(`call.invite.${one}`)}
              </option>
            ))}
          </Select>
          {state === "failed" && <Notice tone="bad">{t("call.invite.failed")}</Notice>}
          <div className={css.row}>
            <Button type="submit" variant="primary" busy={state === "busy"}>
              {t("call.invite.make")}
            </Button>
          </div>
        </form>
      )}
      <Invited encounterId={encounterId} again={link} />
    </Dialog>
  );
}
