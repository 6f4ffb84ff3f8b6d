import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey, isApiError } from "../../api/errors";
import type { Consent, InvitationOffer, Me } from "../../api/types";
import { Avatar } from "../../ui/Avatar";
import { applyAccent } from "../../ui/accent";
import { Button, buttonClass } from "../../ui/Button";
import { Field, Select } from "../../ui/Field";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { useTitle } from "../call/useTitle";
import { Agreements } from "./Agreements";
import { Problem } from "./Problem";
import css from "./visit.module.css";

type Step = "start" | "code" | "form" | "review";

/** From a doctor's invitation to one's own page: a code, who one is, what one agrees to. */
export default function Invite({
  token,
  onClinic,
  onDone,
}: {
  token: string;
  onClinic: (name: string) => void;
  onDone: (me: Me) => void;
}) {
  const { t, i18n } = useTranslation();
  const [offer, setOffer] = useState<InvitationOffer>();
  const [failed, setFailed] = useState<"over" | "offline">();
  const [step, setStep] = useState<Step>("start");
  const [proof, setProof] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(t("join.title"));

  // The clinic's words come in the page's language.
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew for each language
  useEffect(() => {
    ok(api.POST("/invitation/open", { body: { token } })).then(
      (found) => {
        applyAccent(found.clinic.accent);
        onClinic(found.clinic.name);
        setOffer(found);
      },
      (error) => setFailed(isApiError(error, "network", "internal") ? "offline" : "over"),
    );
  }, [token, i18n.language, onClinic]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step begins at its heading
  useEffect(() => heading.current?.focus(), [step]);

  if (failed === "over") return <Over />;
  if (failed) return <Problem kind={failed} onAgain={() => location.reload()} />;
  if (!offer) return <Loading label={t("visit.opening")} />;
  const title = (text: string) => (
    <h1 ref={heading} tabIndex={-1}>
      {text}
    </h1>
  );
  return (
    <main className={css.main} id="main">
      {step === "review" ? (
        <section className={css.after}>
          {title(t("join.reviewTitle"))}
          <p>{t("join.reviewText")}</p>
          {offer.clinic.phone && <p className={css.soft}>{offer.clinic.phone}</p>}
        </section>
      ) : step === "form" ? (
        <>
          {title(t("join.formTitle"))}
          <Form
            token={token}
            proof={proof}
            offer={offer}
            onDone={(me) => (me ? onDone(me) : setStep("review"))}
            onSpent={() => setStep("start")}
            onOver={() => setFailed("over")}
          />
        </>
      ) : (
        <>
          {title(t("join.hello", { clinic: offer.clinic.name }))}
          <section className={css.card}>
            <div className={css.doctor}>
              <Avatar name={offer.practitioner.name} size={64} />
              <div>
                <p className={css.doctorName}>{offer.practitioner.name}</p>
                <p className={css.soft}>{offer.practitioner.specialty}</p>
              </div>
            </div>
            <p>{t("join.what")}</p>
            <Code
              token={token}
              offer={offer}
              sent={step === "code"}
              onSent={() => setStep("code")}
              onOver={() => setFailed("over")}
              onProof={(value) => {
                setProof(value);
                setStep("form");
              }}
            />
          </section>
        </>
      )}
    </main>
  );
}

/** The invitation was used, taken back, or has run out. */
function Over() {
  const { t } = useTranslation();
  return (
    <main className={css.main} id="main">
      <section className={css.after} role="alert" data-testid="invitation-over">
        <h1>{t("join.overTitle")}</h1>
        <p>{t("join.overText")}</p>
        <a href="/sign-in" className={buttonClass({ variant: "primary", size: "l", block: true })}>
          {t("signIn.toSignIn")}
        </a>
        <p className={css.soft}>{t("join.overAsk")}</p>
      </section>
    </main>
  );
}

function Code({
  token,
  offer,
  sent,
  onSent,
  onOver,
  onProof,
}: {
  token: string;
  offer: InvitationOffer;
  sent: boolean;
  onSent: () => void;
  onOver: () => void;
  onProof: (proof: string) => void;
}) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setWrong(undefined);
    await act().catch((error) =>
      isApiError(error, "link_invalid") ? onOver() : setWrong(t(errorKey(error))),
    );
    setBusy(false);
  };
  const send = () =>
    attempt(async () => {
      await ok(api.POST("/invitation/code", { body: { token } }));
      setCode("");
      onSent();
    });
  const check = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const { proof } = await ok(api.POST("/invitation/verify", { body: { token, code } }));
      onProof(proof);
    });
  };
  if (!sent) {
    return (
      <>
        <p className={css.soft}>{t(`join.codeTo.${offer.channel}`, { to: offer.address })}</p>
        {wrong && <Notice tone="bad">{wrong}</Notice>}
        <Button variant="primary" size="l" block busy={busy} data-testid="code-ask" onClick={send}>
          {t("join.askCode")}
        </Button>
      </>
    );
  }
  return (
    <form className={css.stack} onSubmit={check} noValidate>
      <Field
        label={t("join.code")}
        hint={t(`join.codeSent.${offer.channel}`, { to: offer.address })}
        value={code}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={12}
        autoFocus
        error={wrong}
        data-testid="code"
        onChange={(event) => setCode(event.target.value)}
      />
      <Button type="submit" variant="primary" size="l" block busy={busy} data-testid="code-send">
        {t("join.checkCode")}
      </Button>
      <Button variant="quiet" onClick={send}>
        {t("join.newCode")}
      </Button>
    </form>
  );
}

interface Faults {
  name?: string;
  birthDate?: string;
  sex?: string;
  consents?: string;
  other?: string;
}

const sexes = ["female", "male", "other", "unknown"] as const;
type Sex = (typeof sexes)[number];

function Form({
  token,
  proof,
  offer,
  onDone,
  onSpent,
  onOver,
}: {
  token: string;
  proof: string;
  offer: InvitationOffer;
  onDone: (me: Me | undefined) => void;
  onSpent: () => void;
  onOver: () => void;
}) {
  const { t, i18n } = useTranslation();
  const [name, setName] = useState(offer.name ?? "");
  const [birthDate, setBirthDate] = useState("");
  const [sex, setSex] = useState<Sex | "">("");
  const [agreed, setAgreed] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Faults>({});

  const faults = () => {
    const found: Faults = {};
    if (name.trim() === "") found.name = t("join.needName");
    if (birthDate === "") found.birthDate = t("join.needBirthDate");
    if (sex === "") found.sex = t("join.needSex");
    if (offer.consents.some((one) => one.required && !agreed.includes(one.id)))
      found.consents = t("join.needConsents");
    return found;
  };
  const form = useRef<HTMLFormElement>(null);
  // Whoever sent it reads on at the first thing that is missing.
  useEffect(() => {
    if (Object.keys(wrong).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')?.focus();
  }, [wrong]);
  const settle = (field: keyof Faults) => {
    if (wrong[field] === undefined) return;
    const { [field]: _, ...rest } = wrong;
    setWrong(rest);
  };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const found = faults();
    setWrong(found);
    if (Object.keys(found).length > 0 || sex === "") return;
    setBusy(true);
    try {
      const done = await ok(
        api.POST("/invitation/accept", {
          body: {
            token,
            proof,
            name: name.trim(),
            birthDate,
            sex,
            locale: i18n.language,
            consents: offer.consents
              .filter((one) => agreed.includes(one.id))
              .map((one) => ({ id: one.id, version: one.version, given: true })),
          },
        }),
      );
      onDone(done.me);
    } catch (error) {
      setBusy(false);
      if (isApiError(error, "code_spent")) onSpent();
      else if (isApiError(error, "link_invalid")) onOver();
      else if (isApiError(error, "invalid") && error.fields.has("/birthDate"))
        setWrong({ birthDate: t("join.needBirthDate") });
      else setWrong({ other: t(errorKey(error)) });
    }
  };
  return (
    <form ref={form} className={css.stack} onSubmit={(event) => void send(event)} noValidate>
      <section className={css.card}>
        <Field
          label={t("join.name")}
          hint={t("join.nameHint")}
          value={name}
          maxLength={120}
          autoComplete="name"
          error={wrong.name}
          data-testid="name"
          onChange={(event) => {
            settle("name");
            setName(event.target.value);
          }}
        />
        <Field
          label={t("join.birthDate")}
          type="date"
          value={birthDate}
          autoComplete="bday"
          error={wrong.birthDate}
          data-testid="birth-date"
          onChange={(event) => {
            settle("birthDate");
            setBirthDate(event.target.value);
          }}
        />
        <Select
          label={t("join.sex")}
          value={sex}
          error={wrong.sex}
          data-testid="sex"
          onChange={(event) => {
            settle("sex");
            setSex(event.target.value as Sex);
          }}
        >
          <option value="">{t("join.choose")}</option>
          {sexes.map((one) => (
            <option key={one} value={one}>
              {t(`join.sexes.${one}`)}
            </option>
          ))}
        </Select>
      </section>
      <Agreements
        texts={offer.consents as readonly Consent[]}
        agreed={agreed}
        onChange={(ids) => {
          settle("consents");
          setAgreed(ids);
        }}
        error={wrong.consents}
      />
      {wrong.other && <Notice tone="bad">{wrong.other}</Notice>}
      <Button type="submit" variant="primary" size="l" block busy={busy} data-testid="accept">
        {t("join.accept")}
      </Button>
    </form>
  );
}
