import {
  type ReactNode,
  useCallback,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { ApiError, isApiError } from "../../api/errors";
import type { CardWords, ConsentState, Intake } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { IntakeDraft, type IntakeState } from "../../state/intake";
import { Button } from "../../ui/Button";
import { DatePicker } from "../../ui/DatePicker";
import { Field, TextArea } from "../../ui/Field";
import {
  AlertIcon,
  CheckIcon,
  ChevronLeftIcon,
  LockIcon,
  PenIcon,
  WifiOffIcon,
} from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { Spinner } from "../../ui/Spinner";
import { useTitle } from "../call/useTitle";
import { IntakeFiles } from "./IntakeFiles";
import css from "./intake.module.css";
import { QuestionField } from "./QuestionField";
import { Renew } from "./Renew";
import visit from "./visit.module.css";

const path = (id: string) => ({ path: { id } });
const match = (version: number) => ({ "If-Match": `"${version}"` });

/** What the patient tells before a visit: complaint, questions, the card, files. */
export default function IntakePage({
  appointmentId,
  missing,
  onAgreed,
  onBack,
}: {
  appointmentId: string;
  missing: readonly ConsentState[];
  onAgreed: () => void;
  onBack: () => void;
}) {
  const { t, i18n } = useTranslation();
  const [first, setFirst] = useState<Intake>();
  const [failed, setFailed] = useState<unknown>();
  useTitle(t("intake.title"));
  // The questions come in the viewer's language.
  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched anew for each language
  const load = useCallback(async () => {
    setFailed(undefined);
    try {
      setFirst(await ok(api.GET("/appointments/{id}/intake", { params: path(appointmentId) })));
    } catch (error) {
      setFailed(error);
    }
  }, [appointmentId, i18n.language]);
  useEffect(() => void load(), [load]);
  return (
    <main className={visit.main} id="main" data-testid="intake">
      <Button variant="quiet" icon={ChevronLeftIcon} className={css.back} onClick={onBack}>
        {t("action.back")}
      </Button>
      {failed !== undefined && !first ? (
        <Notice tone="bad" action={<Button onClick={load}>{t("action.retry")}</Button>}>
          {t(isApiError(failed, "not_found") ? "error.not_found" : "error.network")}
        </Notice>
      ) : first ? (
        <>
          {missing.length > 0 && <Renew missing={missing} onDone={onAgreed} />}
          <Form key={`${first.appointmentId} ${i18n.language}`} first={first} onBack={onBack} />
        </>
      ) : (
        <Loading label={t("loading")} />
      )}
    </main>
  );
}

function useIntake(first: Intake): [IntakeDraft, IntakeState] {
  const id = first.appointmentId;
  const [draft] = useState(
    () =>
      new IntakeDraft(first, {
        save: (body, version) =>
          ok(
            api.PUT("/appointments/{id}/intake", {
              params: { ...path(id), header: match(version) },
              body,
            }),
          ),
        load: () => ok(api.GET("/appointments/{id}/intake", { params: path(id) })),
        codeOf: (error) => (error instanceof ApiError ? error.code : "internal"),
        fieldsOf: (error) => (error instanceof ApiError ? [...error.fields.keys()] : []),
      }),
  );
  const state = useSyncExternalStore(draft.subscribe, draft.getSnapshot);
  useEffect(() => {
    const back = () => void draft.flush();
    const hidden = () => {
      if (document.visibilityState === "hidden") back();
    };
    // What the server does not have yet would be lost with the page.
    const warn = (event: BeforeUnloadEvent) => {
      if (draft.unsaved()) event.preventDefault();
    };
    addEventListener("online", back);
    addEventListener("beforeunload", warn);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      removeEventListener("online", back);
      removeEventListener("beforeunload", warn);
      document.removeEventListener("visibilitychange", hidden);
      void draft.flush();
    };
  }, [draft]);
  return [draft, state];
}

function Form({ first, onBack }: { first: Intake; onBack: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const heading = useRef<HTMLHeadingElement>(null);
  const [draft, state] = useIntake(first);
  const [sending, setSending] = useState(false);
  const [done, setDone] = useState(false);
  useEffect(() => heading.current?.focus(), []);
  const { fields, intake, phase, wrong } = state;
  const closed = phase === "closed";
  const { start, practitioner } = intake.appointment;

  const leave = () => void draft.flush().then(onBack);
  const submit = async () => {
    setSending(true);
    const all = await draft.submit();
    setSending(false);
    if (all) {
      setDone(true);
      window.scrollTo(0, 0);
      return;
    }
    const [one] = draft.getSnapshot().wrong;
    const box = one && document.getElementById(one);
    if (!box) return;
    box.scrollIntoView({ block: "center" });
    const control = box.matches("input, textarea, select")
      ? box
      : box.querySelector<HTMLElement>("input, textarea, [tabindex='0'], [role='spinbutton']");
    control?.focus({ preventScroll: true });
  };

  if (done) return <Done onBack={onBack} onChange={() => setDone(false)} />;
  return (
    <>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {t("intake.title")}
        </h1>
        <p className={visit.soft}>
          {formats.day(start)}, {formats.time(start)}, {practitioner.name}
        </p>
      </div>
      {closed ? (
        <Notice tone="lock" title={t("intake.closedTitle")}>
          {t("intake.closedText")}
        </Notice>
      ) : (
        <p>{t("intake.intro")}</p>
      )}
      <Part title={t("intake.complaint")}>
        <TextArea
          id="complaint"
          label={t("intake.complaintLabel")}
          hint={t("intake.complaintHint")}
          rows={5}
          maxLength={2000}
          readOnly={closed}
          value={fields["complaint"]?.[0] ?? ""}
          error={wrong.includes("complaint") ? t("intake.wrong") : undefined}
          onChange={(event) => draft.edit("complaint", [event.target.value])}
          onBlur={() => void draft.flush()}
        />
      </Part>
      {intake.questions.length > 0 && (
        <Part title={t("intake.questions")}>
          {intake.questions.map((question) => (
            <QuestionField
              key={question.id}
              question={question}
              values={fields[`answer:${question.id}`] ?? []}
              wrong={wrong.includes(`answer:${question.id}`)}
              disabled={closed}
              onChange={(values) => draft.edit(`answer:${question.id}`, values)}
            />
          ))}
        </Part>
      )}
      <Part title={t("intake.card")}>
        <p className={visit.soft}>{t("intake.cardHint")}</p>
        {intake.card.map((one) => (
          <CardField
            key={one.part}
            words={one}
            value={fields[`card:${one.part}`]?.[0] ?? one.known}
            wrong={wrong.includes(`card:${one.part}`)}
            disabled={closed}
            onChange={(said) => draft.edit(`card:${one.part}`, [said])}
          />
        ))}
      </Part>
      <Part title={t("intake.files")}>
        <IntakeFiles intake={intake} disabled={closed} onChange={(now) => draft.adopt(now)} />
      </Part>
      {wrong.length > 0 && (
        <Notice tone="bad">{t("intake.missing", { count: wrong.length })}</Notice>
      )}
      <div className={css.bar}>
        <SaveLine phase={phase} />
        {closed ? (
          <Button size="l" block onClick={onBack}>
            {t("action.back")}
          </Button>
        ) : (
          <>
            <Button
              variant="primary"
              size="l"
              block
              busy={sending}
              data-testid="intake-submit"
              onClick={() => void submit()}
            >
              {t("intake.submit")}
            </Button>
            <Button size="l" block data-testid="intake-later" onClick={leave}>
              {t("intake.later")}
            </Button>
          </>
        )}
      </div>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={visit.card}>
      <h2 className={visit.cardTitle}>{title}</h2>
      {children}
    </section>
  );
}

/** A part of the card, to be put right. */
function CardField({
  words,
  value,
  wrong,
  disabled,
  onChange,
}: {
  words: CardWords;
  value: string;
  wrong: boolean;
  disabled: boolean;
  onChange: (said: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const formats = useFormats();
  const id = `card:${words.part}`;
  const label = t(`intake.parts.${words.part}`);
  const error = wrong ? t("intake.wrong") : undefined;
  const changed = value !== words.known;
  const known =
    words.part === "birth_date" && words.known ? formats.date(words.known) : words.known;
  return (
    <div id={`${id}-box`} className={css.stack}>
      {words.part === "birth_date" ? (
        disabled ? (
          <Field id={id} label={label} readOnly value={value ? formats.date(value) : ""} />
        ) : (
          <div id={id}>
            <DatePicker
              label={label}
              locale={i18n.language}
              value={value}
              error={error}
              onChange={onChange}
            />
          </div>
        )
      ) : (
        <TextArea
          id={id}
          label={label}
          hint={t(`intake.partHints.${words.part}`)}
          rows={2}
          maxLength={1000}
          readOnly={disabled}
          value={value}
          error={error}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {changed && !words.decided && (
        <p className={css.proposal}>
          <PenIcon size={18} />
          {t("intake.proposal", { known: known || t("intake.nothing") })}
        </p>
      )}
    </div>
  );
}

/** Whether the words are safe, always at the same place. */
function SaveLine({ phase }: { phase: IntakeState["phase"] }) {
  const { t } = useTranslation();
  if (phase === "closed") return null;
  return (
    <p className={phase === "offline" ? css.offline : css.saved} role="status" data-phase={phase}>
      {phase === "saving" || phase === "waiting" ? (
        <Spinner size={20} />
      ) : phase === "offline" ? (
        <WifiOffIcon size={22} />
      ) : phase === "refused" ? (
        <AlertIcon size={22} />
      ) : (
        <CheckIcon size={22} />
      )}
      {t(`intake.state.${phase}`)}
    </p>
  );
}

function Done({ onBack, onChange }: { onBack: () => void; onChange: () => void }) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={visit.after} data-testid="intake-done">
      <span className={visit.bigSign}>
        <CheckIcon size={44} />
      </span>
      <h1 ref={heading} tabIndex={-1}>
        {t("intake.doneTitle")}
      </h1>
      <p>
        <LockIcon size={18} className={css.inline} /> {t("intake.doneText")}
      </p>
      <Button variant="primary" size="l" block onClick={onBack}>
        {t("intake.home")}
      </Button>
      <Button size="l" block onClick={onChange}>
        {t("intake.change")}
      </Button>
    </section>
  );
}
