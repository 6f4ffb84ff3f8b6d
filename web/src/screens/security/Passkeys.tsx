import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import type { Passkey } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useSecurityChanged } from "../../state/security";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import css from "./security.module.css";

/** The viewer's passkeys, each with its name. */
export function Passkeys({
  passkeys,
  fixed,
  onAdd,
}: {
  passkeys: Passkey[];
  fixed: boolean;
  onAdd: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const toasts = useToasts();
  const errorText = useErrorText();
  const changed = useSecurityChanged();
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  const [removing, setRemoving] = useState<Passkey | null>(null);

  const run = async (work: () => Promise<unknown>, word: string) => {
    try {
      await work();
      toasts.show(t(word), "good");
    } catch (error) {
      toasts.show(errorText(error), "bad");
    }
    setRenaming(null);
    setRemoving(null);
    await changed();
  };
  const path = (id: string) => ({ params: { path: { id } } });
  return (
    <section className={css.section} aria-labelledby="security-passkeys">
      <div className={css.head}>
        <div>
          <h2 id="security-passkeys">{t("security.passkey.title")}</h2>
          <p className={css.soft}>{t("security.passkey.short")}</p>
        </div>
        {onAdd && (
          <Button disabled={fixed} onClick={onAdd}>
            {t("security.passkey.add")}
          </Button>
        )}
      </div>
      {passkeys.length > 0 && (
        <ul className={css.list}>
          {passkeys.map((one) => (
            <li key={one.id} className={css.row}>
              <div>
                <strong>{one.name}</strong>
                <p className={css.soft}>
                  {one.usedAt
                    ? t("security.passkey.used", { date: formats.date(one.usedAt) })
                    : t("security.passkey.made", { date: formats.date(one.createdAt) })}
                </p>
              </div>
              <Button
                size="s"
                aria-label={t("security.passkey.renameOf", { name: one.name })}
                onClick={() => setRenaming(one)}
              >
                {t("security.passkey.rename")}
              </Button>
              <Button
                size="s"
                disabled={fixed}
                aria-label={t("security.passkey.removeOf", { name: one.name })}
                onClick={() => setRemoving(one)}
              >
                {t("security.passkey.remove")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {renaming && (
        <Rename
          passkey={renaming}
          onClose={() => setRenaming(null)}
          onName={(name) =>
            void run(
              () =>
                ok(
                  api.PATCH("/me/security/passkeys/{id}", {
                    ...path(renaming.id),
                    body: { name },
                  }),
                ),
              "security.passkey.renamed",
            )
          }
        />
      )}
      <Dialog
        open={removing !== null}
        onClose={() => setRemoving(null)}
        title={t("security.passkey.remove")}
        closeLabel={t("action.close")}
      >
        <div className={css.setup}>
          <p>{t("security.passkey.removeText", { name: removing?.name })}</p>
          <Button
            variant="primary"
            size="l"
            block
            onClick={() =>
              removing &&
              void run(
                () => ok(api.DELETE("/me/security/passkeys/{id}", path(removing.id))),
                "security.passkey.removed",
              )
            }
          >
            {t("security.passkey.remove")}
          </Button>
        </div>
      </Dialog>
    </section>
  );
}

function Rename({
  passkey,
  onName,
  onClose,
}: {
  passkey: Passkey;
  onName: (name: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState(passkey.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) onName(name.trim());
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("security.passkey.rename")}
      closeLabel={t("action.close")}
    >
      <form className={css.setup} onSubmit={submit}>
        <Field
          label={t("security.passkey.name")}
          value={name}
          maxLength={60}
          required
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" variant="primary" size="l" block>
          {t("security.passkey.rename")}
        </Button>
      </form>
    </Dialog>
  );
}
