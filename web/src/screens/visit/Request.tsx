import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, idempotencyKey, ok } from "../../api/client";
import { errorKey, isApiError } from "../../api/errors";
import type { Me, Modality, Practitioner, Service, Slot } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Select, TextArea } from "../../ui/Field";
import { ChevronLeftIcon, ClockIcon } from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { useTitle } from "../call/useTitle";
import css from "./request.module.css";
import { Times } from "./Times";
import visit from "./visit.module.css";

interface Choice {
  service?: Service;
  /** Empty: whoever is free first. */
  doctorId?: string;
  slot?: Slot;
}

/** A patient asks for a time: service, doctor, time, and one look at it all. */
export default function Request({
  me,
  onSent,
  onBack,
}: {
  me: Me;
  onSent: () => void;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const { lists, failed, load } = useLists();
  const [choice, setChoice] = useState<Choice>({});
  const [taken, setTaken] = useState(false);
  const { service, doctorId, slot } = choice;
  useTitle(t("request.open"));

  const giving = (one: Service) =>
    lists?.doctors.filter(({ serviceIds }) => serviceIds.includes(one.id)) ?? [];
  const chooseService = (one: Service) => {
    const [only, ...rest] = giving(one);
    setChoice(only && rest.length === 0 ? { service: one, doctorId: only.id } : { service: one });
  };
  const back = () => {
    setTaken(false);
    if (!service) onBack();
    else if (slot) setChoice({ service, doctorId: doctorId ?? "" });
    else if (doctorId !== undefined && giving(service).length > 1) setChoice({ service });
    else setChoice({});
  };

  let step: ReactNode;
  if (!lists) {
    step = failed ? (
      <Notice tone="bad" action={<Button onClick={load}>{t("action.retry")}</Button>}>
        {t("request.failed")}
      </Notice>
    ) : (
      <Loading label={t("loading")} />
    );
  } else if (!service) {
    step = (
      <Step title={t("request.service")}>
        {lists.services
          .filter((one) => giving(one).length > 0 && !one.urgent)
          .map((one) => (
            <ServiceButton key={one.id} service={one} onPress={() => chooseService(one)} />
          ))}
      </Step>
    );
  } else if (doctorId === undefined) {
    step = (
      <Step title={t("request.doctor")} about={service.name}>
        <button
          type="button"
          className={css.option}
          onClick={() => setChoice({ service, doctorId: "" })}
        >
          <span className={css.sign}>
            <ClockIcon size={26} />
          </span>
          <strong>{t("request.anyDoctor")}</strong>
        </button>
        {giving(service).map((one) => (
          <button
            key={one.id}
            type="button"
            className={css.option}
            onClick={() => setChoice({ service, doctorId: one.id })}
          >
            <Avatar name={one.name} size={48} />
            <span>
              <strong>{one.name}</strong>
              <span className={visit.soft}>{one.specialty}</span>
            </span>
          </button>
        ))}
      </Step>
    );
  } else if (!slot) {
    const doctor = lists.doctors.find(({ id }) => id === doctorId);
    step = (
      <Step
        title={t("request.time")}
        about={doctor ? `${service.name}, ${doctor.name}` : service.name}
      >
        {taken && <Notice tone="warn">{t("request.taken")}</Notice>}
        <Times
          serviceId={service.id}
          practitionerId={doctorId}
          doctors={doctorId ? [] : lists.doctors}
          onChoose={(one) => {
            setTaken(false);
            setChoice({ service, doctorId, slot: one });
          }}
          onOtherDoctor={giving(service).length > 1 ? () => setChoice({ service }) : undefined}
        />
      </Step>
    );
  } else {
    const doctor = lists.doctors.find(({ id }) => id === slot.practitionerId);
    step = doctor && (
      <Confirm
        key={slot.start}
        me={me}
        service={service}
        doctor={doctor}
        slot={slot}
        onSent={onSent}
        onTaken={() => {
          setTaken(true);
          setChoice({ service, doctorId });
        }}
      />
    );
  }
  return (
    <main className={visit.main} id="main" data-testid="request">
      <Button variant="quiet" icon={ChevronLeftIcon} className={css.back} onClick={back}>
        {t("request.back")}
      </Button>
      {step}
    </main>
  );
}

interface Lists {
  services: readonly Service[];
  doctors: readonly Practitioner[];
}

function useLists() {
  const { i18n } = useTranslation();
  const [lists, setLists] = useState<Lists>();
  const [failed, setFailed] = useState(false);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched anew for each language and try
  useEffect(() => {
    let over = false;
    setFailed(false);
    Promise.all([ok(api.GET("/services")), ok(api.GET("/practitioners"))])
      .then(([services, doctors]) => {
        if (!over) setLists({ services: services.items, doctors: doctors.items });
      })
      .catch(() => {
        if (!over) setFailed(true);
      });
    return () => {
      over = true;
    };
  }, [i18n.language, round]);
  return { lists, failed, load: () => setRound(round + 1) };
}

/** One question; it is read out when it comes. */
function Step({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each new question
  useEffect(() => {
    heading.current?.focus();
    window.scrollTo(0, 0);
  }, [title]);
  return (
    <>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {about && <p className={visit.soft}>{about}</p>}
      </div>
      {children}
    </>
  );
}

function ServiceButton({ service, onPress }: { service: Service; onPress: () => void }) {
  const { t } = useTranslation();
  const price = usePrice(service);
  return (
    <button type="button" className={css.option} onClick={onPress}>
      <span>
        <strong>{service.name}</strong>
        <span className={visit.soft}>
          {t("request.serviceFacts", { minutes: service.durationMin, price })}
        </span>
      </span>
    </button>
  );
}

function usePrice({ price }: Service): string {
  const { t } = useTranslation();
  const formats = useFormats();
  return price.minor === 0 ? t("request.free") : formats.money(price);
}

function Confirm({
  me,
  service,
  doctor,
  slot,
  onSent,
  onTaken,
}: {
  me: Me;
  service: Service;
  doctor: Practitioner;
  slot: Slot;
  onSent: () => void;
  onTaken: () => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const price = usePrice(service);
  const [modality, setModality] = useState<Modality>(service.modalities[0] ?? "video");
  const [complaint, setComplaint] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  // The same request sent twice over a bad line is one request; a changed one is new.
  const intent = JSON.stringify([modality, complaint]);
  const key = useRef({ intent, id: idempotencyKey() });
  if (key.current.intent !== intent) key.current = { intent, id: idempotencyKey() };

  const send = async () => {
    setSending(true);
    setError(undefined);
    try {
      await ok(
        api.POST("/appointments", {
          params: { header: { "Idempotency-Key": key.current.id } },
          body: {
            patientId: me.person.id,
            practitionerId: doctor.id,
            serviceId: service.id,
            start: slot.start,
            modality,
            ...(complaint.trim() ? { complaint: complaint.trim() } : {}),
          },
        }),
      );
      onSent();
    } catch (fault) {
      setSending(false);
      if (isApiError(fault, "slot_taken", "slot_unavailable")) onTaken();
      else setError(fault);
    }
  };
  const own = formats.viewerTime(slot.start);
  return (
    <Step title={t("request.confirm")}>
      <section className={visit.card}>
        <div className={visit.doctor}>
          <Avatar name={doctor.name} size={64} />
          <div>
            <p className={visit.doctorName}>{doctor.name}</p>
            <p className={visit.soft}>{doctor.specialty}</p>
          </div>
        </div>
        <p>
          <strong>
            {formats.day(slot.start)}, {formats.time(slot.start)}
          </strong>
          {own && (
            <span className={css.own}>
              {t("visit.next.clinicTime")}; {t("visit.next.yourTime", { time: own })}
            </span>
          )}
        </p>
        <p>
          {service.name}
          <span className={css.own}>
            {t("request.serviceFacts", { minutes: service.durationMin, price })}
          </span>
        </p>
        {service.modalities.length > 1 && (
          <Select
            label={t("request.format")}
            value={modality}
            onChange={(event) => setModality(event.target.value as Modality)}
          >
            {service.modalities.map((one) => (
              <option key={one} value={one}>
                {t(`modality.${one}`)}
              </option>
            ))}
          </Select>
        )}
        <TextArea
          label={t("request.complaint")}
          mark={t("request.optional")}
          hint={t("request.complaintHint")}
          rows={3}
          maxLength={2000}
          value={complaint}
          onChange={(event) => setComplaint(event.target.value)}
        />
        {error !== undefined && (
          <Notice tone="bad">{t(errorKey(error), { defaultValue: t("error.internal") })}</Notice>
        )}
        <Button
          variant="primary"
          size="l"
          block
          busy={sending}
          data-testid="send-request"
          onClick={() => void send()}
        >
          {t("request.send")}
        </Button>
        <p className={visit.joinHint}>{t("request.sendHint")}</p>
      </section>
    </Step>
  );
}
