import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/errors";
import { servicesQuery } from "../../state/directory";
import { useMe } from "../../state/me";
import { type StaffMember, type StaffRole, useSaveMember } from "../../state/staff";
import { useErrorText, useToasts } from "../../state/toast";
import { Button } from "../../ui/Button";
import { DatePicker } from "../../ui/DatePicker";
import { Dialog } from "../../ui/Dialog";
import { Field, Select } from "../../ui/Field";
import styles from "./admin.module.css";
import { Choices } from "./Choices";

const roles: StaffRole[] = ["practitioner", "registrar", "accountant", "clinic_admin"];
const spoken = ["ru", "en", "de", "fr", "es", "zh", "ar", "tr", "kk", "uk"];

/** Registers a member of staff, or changes one. */
export function MemberDialog({
  member,
  onClose,
  onInvited,
}: {
  member: StaffMember | undefined;
  onClose: () => void;
  onInvited: (link: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const toasts = useToasts();
  const errorText = useErrorText();
  const save = useSaveMember();
  const services = useQuery(servicesQuery);
  const [role, setRole] = useState<StaffRole>(member?.role ?? "practitioner");
  const [form, setForm] = useState({
    name: member?.name ?? "",
    email: member?.email ?? "",
    phone: member?.phone ?? "",
    specialty: member?.doctor?.specialty ?? {},
    licenceNo: member?.doctor?.licenceNo ?? "",
    licenceUntil: member?.doctor?.licenceUntil ?? "",
    languages: member?.doctor?.languages ?? [me.clinic.languages[0] ?? "ru"],
    serviceIds: member?.doctor?.serviceIds ?? [],
  });
  const set = (part: Partial<typeof form>) => setForm((now) => ({ ...now, ...part }));
  const names = new Intl.DisplayNames([i18n.language], { type: "language" });
  const wrong = save.error instanceof ApiError ? save.error.fields : undefined;
  const at = (field: string) =>
    [...(wrong?.keys() ?? [])].some((key) => key.startsWith(field))
      ? t("people.checkField")
      : undefined;

  const send = () =>
    save.mutate(
      {
        member,
        role,
        body: {
          name: form.name,
          email: form.email,
          ...(form.phone && { phone: form.phone }),
          ...(member?.locale && { locale: member.locale }),
          ...(role === "practitioner" && {
            doctor: {
              specialty: form.specialty,
              licenceNo: form.licenceNo,
              licenceUntil: form.licenceUntil,
              languages: form.languages,
              serviceIds: form.serviceIds,
            },
          }),
        },
      },
      {
        onSuccess: (invitation) => {
          toasts.show(t(invitation?.sent ? "people.sent" : "people.saved"));
          onClose();
          if (invitation?.link) onInvited(invitation.link);
        },
        onError: (error) => toasts.show(errorText(error), "bad"),
      },
    );

  return (
    <Dialog
      open
      onClose={onClose}
      placement="side"
      title={member ? member.name : t("people.add")}
      closeLabel={t("action.close")}
      footer={
        <Button variant="primary" busy={save.isPending} onClick={send} data-testid="save-member">
          {t(member ? "people.save" : "people.invite")}
        </Button>
      }
    >
      <div className={styles.form}>
        {!member && (
          <Select
            label={t("people.role")}
            value={role}
            onChange={(event) => setRole(event.target.value as StaffRole)}
          >
            {roles.map((one) => (
              <option key={one} value={one}>
                {t(`role.${one}`)}
              </option>
            ))}
          </Select>
        )}
        <Field
          label={t("people.name")}
          value={form.name}
          error={at("/name")}
          onChange={(event) => set({ name: event.target.value })}
        />
        <Field
          label={t("people.email")}
          hint={t("people.emailHint")}
          type="email"
          value={form.email}
          error={at("/email")}
          onChange={(event) => set({ email: event.target.value })}
        />
        <Field
          label={t("people.phone")}
          type="tel"
          mark={t("people.optional")}
          value={form.phone}
          error={at("/phone")}
          onChange={(event) => set({ phone: event.target.value })}
        />
        {role === "practitioner" && (
          <>
            {me.clinic.languages.map((code) => (
              <Field
                key={code}
                label={t("people.specialtyIn", { language: names.of(code) })}
                value={form.specialty[code] ?? ""}
                error={at(`/doctor/specialty/${code}`)}
                onChange={(event) =>
                  set({ specialty: { ...form.specialty, [code]: event.target.value } })
                }
              />
            ))}
            <Field
              label={t("people.licenceNo")}
              value={form.licenceNo}
              error={at("/doctor/licenceNo")}
              onChange={(event) => set({ licenceNo: event.target.value })}
            />
            <DatePicker
              label={t("people.licenceUntil")}
              locale={i18n.language}
              value={form.licenceUntil}
              error={at("/doctor/licenceUntil")}
              onChange={(licenceUntil) => set({ licenceUntil })}
            />
            <Choices
              label={t("people.languages")}
              options={[...new Set([...spoken, ...form.languages])].map((code) => ({
                id: code,
                name: names.of(code) ?? code,
              }))}
              value={form.languages}
              onChange={(languages) => set({ languages })}
            />
            <Choices
              label={t("people.services")}
              options={services.data ?? []}
              value={form.serviceIds}
              onChange={(serviceIds) => set({ serviceIds })}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}
