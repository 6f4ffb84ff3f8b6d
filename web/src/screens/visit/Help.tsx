import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ok } from "../../api/client";
import { errorKey } from "../../api/errors";
import type { Emergency, HelpForm, Service } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useMedia } from "../../state/callHooks";
import type { LocalMedia } from "../../state/callMedia";
import { Button } from "../../ui/Button";
import { Select, TextArea } from "../../ui/Field";
import { ChevronLeftIcon } from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import type { VisitState } from "../../visit/store";
import request from "../booking/booking.module.css";
import { useTitle } from "../call/useTitle";
import { useWakeLock } from "../call/useWakeLock";
import { deviceSwitches, Preview } from "../devices/Preview";
import css from "./help.module.css";
import visit from "./visit.module.css";

interface HelpProps {
  name: string;
  state: VisitState;
  media: LocalMedia;
  onAdmitted: (encounterId: string) => void;
  onBack: () => void;
}

/** Help at once: signs of danger, what happened, the wait, and then the room by itself. */
export default function Help({ name, state, media, onAdmitted, onBack }: HelpProps) {
  const { t, i18n } = useTranslation();
  const [form, setForm] = useState<HelpForm>();
  const [failed, setFailed] = useState<unknown>();
  const [id, setId] = useState<string>();
  const [asked, setAsked] = useState(false);
  const [yes, setYes] = useState<readonly string[]>([]);
  useTitle(t("help.open"));

  const load = useCallback(async () => {
    setFailed(undefined);
    try {
      const answer = await ok(api.GET("/emergencies/form"));
      setForm(answer);
      setId((known) => known ?? answer.openId);
    } catch (error) {
      setFailed(error);
    }
  }, []);
  // Questions come in the viewer's language.
  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched anew for each language
  useEffect(() => {
    void load();
  }, [load, i18n.language]);

  let step: ReactNode;
  if (failed !== undefined) {
    step = (
      <Notice tone="bad" action={<Button onClick={() => void load()}>{t("action.retry")}</Button>}>
        {t(errorKey(failed), { defaultValue: t("error.internal") })}
      </Notice>
    );
  } else if (!form) {
    step = <Loading label={t("loading")} />;
  } else if (id) {
    step = (
      <Waiting
        id={id}
        name={name}
        state={state}
        media={media}
        onAdmitted={onAdmitted}
        onHome={onBack}
        onAgain={() => {
          setId(undefined);
          setAsked(false);
          setYes([]);
          void load();
        }}
      />
    );
  } else if (form.services.length === 0) {
    step = (
      <Step title={t("help.closed")}>
        <p>{t("help.closedText")}</p>
      </Step>
    );
  } else if (!asked) {
    step = <Questions form={form} yes={yes} onChange={setYes} onGo={() => setAsked(true)} />;
  } else {
    step = <Ask services={form.services} yes={yes} onAsked={setId} />;
  }
  return (
    <main className={visit.main} id="main" data-testid="help">
      {!id && (
        <Button
          variant="quiet"
          icon={ChevronLeftIcon}
          className={request.back}
          onClick={() => (asked ? setAsked(false) : onBack())}
        >
          {t("help.back")}
        </Button>
      )}
      {form && (
        <a
          className={css.danger}
          href={`tel:${form.emergencyNumber}`}
          data-testid="emergency-number"
        >
          {t("help.danger", { number: form.emergencyNumber })}
        </a>
      )}
      {step}
    </main>
  );
}

/** One question; it is read out when it comes. */
function Step({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each new question
  useEffect(() => {
    heading.current?.focus();
    window.scrollTo(0, 0);
  }, [title]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}

function Questions({
  form,
  yes,
  onChange,
  onGo,
}: {
  form: HelpForm;
  yes: readonly string[];
  onChange: (yes: readonly string[]) => void;
  onGo: () => void;
}) {
  const { t } = useTranslation();
  const grave = form.questions.some((one) => one.callNow && yes.includes(one.key));
  const number = form.emergencyNumber;
  return (
    <Step title={t("help.questions")}>
      {grave ? <CallNow number={number} /> : <p className={css.soft}>{t("help.questionsHint")}</p>}
      <fieldset className={css.flags}>
        <legend className="sr-only">{t("help.questions")}</legend>
        {form.questions.map((one) => (
          <label key={one.key} className={css.flag}>
            <input
              type="checkbox"
              checked={yes.includes(one.key)}
              data-testid={`flag-${one.key}`}
              onChange={(event) =>
                onChange(
                  event.target.checked ? [...yes, one.key] : yes.filter((key) => key !== one.key),
                )
              }
            />
            {one.text}
          </label>
        ))}
      </fieldset>
      <Button
        variant={grave ? "secondary" : "primary"}
        size="l"
        block
        data-testid="help-next"
        onClick={onGo}
      >
        {t(grave ? "help.goOnAnyway" : yes.length > 0 ? "help.goOn" : "help.none")}
      </Button>
    </Step>
  );
}

/** In big letters and in sight, wherever on the list the sign of danger was ticked. */
function CallNow({ number }: { number: string }) {
  const { t } = useTranslation();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    // In braces: browsers begin to return a promise here, which is no effect's clean-up.
    box.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <section ref={box} className={css.now} role="alert" data-testid="call-now">
      <h2>{t("help.callNow", { number })}</h2>
      <a className={css.callButton} href={`tel:${number}`}>
        {t("help.call", { number })}
      </a>
      <p>{t("help.callNowText")}</p>
    </section>
  );
}

function Ask({
  services,
  yes,
  onAsked,
}: {
  services: readonly Service[];
  yes: readonly string[];
  onAsked: (id: string) => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [serviceId, setServiceId] = useState(services[0]?.id ?? "");
  const [complaint, setComplaint] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const service = services.find((one) => one.id === serviceId);
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const body = {
        serviceId,
        redFlags: [...yes],
        ...(complaint.trim() ? { complaint: complaint.trim() } : {}),
      };
      onAsked((await ok(api.POST("/emergencies", { body }))).id);
    } catch (fault) {
      setError(fault);
      setBusy(false);
    }
  };
  return (
    <Step title={t("help.reason")}>
      <section className={visit.card}>
        {services.length > 1 && (
          <Select
            label={t("help.which")}
            value={serviceId}
            onChange={(event) => setServiceId(event.target.value)}
          >
            {services.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </Select>
        )}
        <TextArea
          label={t("help.reason")}
          hint={t("help.reasonHint")}
          rows={3}
          maxLength={2000}
          value={complaint}
          data-testid="help-reason"
          onChange={(event) => setComplaint(event.target.value)}
        />
        {service && (
          <p>
            {service.price.minor === 0
              ? t("help.free")
              : t("help.price", { price: formats.money(service.price) })}
          </p>
        )}
        {error !== undefined && (
          <Notice tone="bad">{t(errorKey(error), { defaultValue: t("error.internal") })}</Notice>
        )}
        <Button
          variant="primary"
          size="l"
          block
          busy={busy}
          data-testid="help-send"
          onClick={() => void send()}
        >
          {t("help.send")}
        </Button>
      </section>
    </Step>
  );
}

/** How often the place in the queue is asked for when no news come, in milliseconds. */
const pollMs = 10_000;

function Waiting({
  id,
  name,
  state,
  media,
  onAdmitted,
  onHome,
  onAgain,
}: {
  id: string;
  name: string;
  state: VisitState;
  media: LocalMedia;
  onAdmitted: (encounterId: string) => void;
  onHome: () => void;
  onAgain: () => void;
}) {
  const { t } = useTranslation();
  const [call, setCall] = useState<Emergency>();
  const [busy, setBusy] = useState(false);
  const devices = useMedia(media);
  const switches = useMemo(() => deviceSwitches(media), [media]);
  useWakeLock(true);

  const look = useCallback(async () => {
    const path = { id };
    const now = await ok(api.GET("/emergencies/{id}", { params: { path } })).catch(() => undefined);
    if (now) setCall(now);
  }, [id]);
  // News of the appointment come as a new list of them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew with each news
  useEffect(() => {
    void look();
  }, [look, state.appointments]);
  useEffect(() => {
    const timer = setInterval(() => void look(), pollMs);
    return () => clearInterval(timer);
  }, [look]);
  const modality = call?.appointment.modality;
  const encounter = call?.appointment.encounterId;
  useEffect(() => {
    if (!modality) return;
    if (encounter) media.prepare(encounter, modality);
    void media.open();
  }, [media, modality, encounter]);
  const status = call?.appointment.status;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once
  useEffect(() => {
    if (status === "in_progress" && encounter) onAdmitted(encounter);
  }, [status, encounter]);

  if (!call) return <Loading label={t("loading")} />;
  if (status !== "queued" && status !== "in_progress") {
    return <Over call={call} onHome={onHome} onAgain={onAgain} />;
  }
  const withdraw = async () => {
    setBusy(true);
    await ok(api.POST("/emergencies/{id}/withdraw", { params: { path: { id } } })).catch(
      () => undefined,
    );
    await look();
    setBusy(false);
  };
  return (
    <Step title={t("help.waiting")}>
      <section className={css.calling} data-testid="help-waiting">
        <span className={css.ripple} aria-hidden="true" />
        <p>{t("help.waitingLead")}</p>
        <p className={css.wait} role="status">
          {call.position > 1 ? t("help.ahead", { count: call.position - 1 }) : t("help.position")}{" "}
          <WaitWords call={call} />
        </p>
        {call.escalatedAt ? (
          <p>{t("help.escalated")}</p>
        ) : (
          call.onDuty === 0 && <p>{t("help.nobody")}</p>
        )}
      </section>
      {devices.take !== "chat" && (
        <section className={visit.card}>
          <h2 className={visit.cardTitle}>{t("help.check")}</h2>
          <Preview name={name} state={devices} {...switches} />
        </section>
      )}
      <Button block busy={busy} data-testid="help-withdraw" onClick={() => void withdraw()}>
        {t("help.withdraw")}
      </Button>
    </Step>
  );
}

function WaitWords({ call }: { call: Emergency }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (!call.wait) return t("help.waitUnknown");
  const { seconds } = call.wait;
  if (seconds <= 60) return t("help.waitSoon");
  return t("help.wait", { time: formats.duration(Math.ceil(seconds / 60) * 60_000) });
}

function Over({
  call,
  onHome,
  onAgain,
}: {
  call: Emergency;
  onHome: () => void;
  onAgain: () => void;
}) {
  const { t } = useTranslation();
  const { status, reason } = call.appointment;
  const known = status === "withdrawn" || status === "declined" || status === "expired";
  return (
    <Step title={t(`help.over.${known ? status : "other"}`)}>
      <section className={visit.card} data-testid="help-over" data-status={status}>
        {status === "expired" && <p>{t("help.expiredText", { number: call.emergencyNumber })}</p>}
        {status === "declined" && reason && <p>{reason}</p>}
        <Button variant="primary" size="l" block onClick={onHome}>
          {t("help.toHome")}
        </Button>
        <Button block onClick={onAgain}>
          {t("help.again")}
        </Button>
      </section>
    </Step>
  );
}
