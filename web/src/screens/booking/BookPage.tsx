import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, idempotencyKey, ok } from "../../api/client";
import { errorKey, isApiError } from "../../api/errors";
import type { Appointment, Me, Practitioner, Service, Slot } from "../../api/types";
import { seen } from "../../state/appointments";
import { Button } from "../../ui/Button";
import { ChevronLeftIcon } from "../../ui/icons";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { isKept } from "../../visit/booking";
import type { BookingStart } from "../../visit/flow";
import type { VisitState } from "../../visit/store";
import { useTitle } from "../call/useTitle";
import visit from "../visit/visit.module.css";
import css from "./booking.module.css";
import { ChooseDoctor, ChooseService, InPerson } from "./Choose";
import { Done } from "./Done";
import { Keep, type Words } from "./Keep";
import { MoveStep } from "./MoveStep";
import { Step } from "./Step";
import { Times } from "./Times";

interface Choice {
  service?: Service;
  inPerson?: { date: string; place: string };
  /** Empty: whoever is free first. */
  doctorId?: string;
}

/**
 * From a wish to a visit: service, doctor, time, and one look at it all while the time is
 * kept. It also moves a visit, and finishes a booking that was begun elsewhere.
 */
export default function BookPage({
  me,
  start,
  state,
  onHome,
  onIntake,
  onChanged,
}: {
  me: Me;
  start: BookingStart | undefined;
  state: VisitState;
  onHome: () => void;
  /** On to what the patient tells before the visit. */
  onIntake: (appointmentId: string) => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const { lists, failed, load } = useLists();
  // What the page is about does not change under it, whatever becomes of the record.
  const [known] = useState(() => state.appointments.find(({ id }) => id === start?.id));
  const [choice, setChoice] = useState<Choice>();
  const [held, setHeld] = useState(start?.kind === "finish" ? known : undefined);
  const [slot, setSlot] = useState<Slot>();
  const [done, setDone] = useState<Appointment>();
  const [words, setWords] = useState<Words>({ complaint: "" });
  const [keeping, setKeeping] = useState<string>();
  const [fault, setFault] = useState<unknown>();
  const [note, setNote] = useState<"taken" | "held" | undefined>();
  const [round, setRound] = useState(0);
  useTitle(t("book.open"));

  const moving = start?.kind === "move" ? known : undefined;
  const giving = (one: Service) =>
    lists?.doctors.filter(({ serviceIds }) => serviceIds.includes(one.id)) ?? [];
  const given = known && lists?.services.find(({ id }) => id === known.service.id);
  const chosen: Choice =
    choice ?? (known && given ? { service: given, doctorId: known.practitioner.id } : {});
  const { service, doctorId } = chosen;
  const bookable = (lists?.services ?? []).filter(
    (one) => giving(one).length > 0 && !one.urgent && one.allow !== "no",
  );

  const chooseService = (one: Service) => {
    const [only, ...rest] = giving(one);
    setNote(undefined);
    setChoice(only && rest.length === 0 ? { service: one, doctorId: only.id } : { service: one });
  };

  /** Asks for a time; who comes second hears it and sees what is free now. */
  const keep = async (wish: { start: string; doctor: string; service: string }) => {
    setKeeping(wish.start);
    setNote(undefined);
    setFault(undefined);
    try {
      const made = await ok(
        api.POST("/holds", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: {
            patientId: me.person.id,
            practitionerId: wish.doctor,
            serviceId: wish.service,
            start: wish.start,
            ...(words.modality ? { modality: words.modality } : {}),
            ...(chosen.inPerson ? { inPerson: chosen.inPerson } : {}),
          },
        }),
      );
      setHeld(made);
    } catch (problem) {
      if (isApiError(problem, "slot_taken", "slot_unavailable")) {
        setHeld(undefined);
        setNote("taken");
        setRound((n) => n + 1);
      } else if (isApiError(problem, "too_many") && !held) setNote("held");
      else setFault(problem);
    }
    setKeeping(undefined);
  };

  /** Gives a kept time back; when that fails it ends by itself. */
  const release = async (one: Appointment) => {
    const current = state.appointments.find(({ id }) => id === one.id) ?? one;
    if (!isKept(current)) return;
    const params = { path: { id: one.id }, header: seen(current.version) };
    await ok(api.POST("/appointments/{id}/release", { params })).catch(() => undefined);
    onChanged();
  };
  const otherTime = async () => {
    if (!held) return;
    await release(held);
    const one = lists?.services.find(({ id }) => id === held.service.id);
    if (one && !service) setChoice({ service: one, doctorId: held.practitioner.id });
    setHeld(undefined);
    setFault(undefined);
  };
  const keepAgain = async (one: Appointment) => {
    // A clock that is wrong here must not stand in one's own way there.
    setKeeping(one.start);
    await release(one);
    await keep({ start: one.start, doctor: one.practitioner.id, service: one.service.id });
  };

  const back = () => {
    setNote(undefined);
    setFault(undefined);
    if (done) onHome();
    else if (held) void otherTime();
    else if (slot) setSlot(undefined);
    else if (moving || !service || choice === undefined) onHome();
    else if (doctorId !== undefined && giving(service).length > 1) setChoice(without(chosen));
    else setChoice({});
  };

  let step: ReactNode;
  if (done) {
    step = <Done appointment={done} before={moving?.start} onIntake={onIntake} onHome={onHome} />;
  } else if (held) {
    const live = state.appointments.find(({ id }) => id === held.id);
    step = (
      <Keep
        key={held.id}
        appointment={live && live.version > held.version ? live : held}
        service={lists?.services.find(({ id }) => id === held.service.id)}
        words={words}
        clockOffset={state.clockOffset}
        keeping={keeping !== undefined}
        fault={fault}
        onWords={setWords}
        onBooked={(made) => {
          setDone(made);
          onChanged();
        }}
        onAgain={() => void keepAgain(held)}
        onOther={() => void otherTime()}
      />
    );
  } else if (!lists) {
    step = failed ? (
      <Notice tone="bad" action={<Button onClick={load}>{t("action.retry")}</Button>}>
        {t("book.failed")}
      </Notice>
    ) : (
      <Loading label={t("loading")} />
    );
  } else if (!service) {
    step = <ChooseService services={bookable} onChoose={chooseService} />;
  } else if (service.allow === "after_visit" && !chosen.inPerson && !moving) {
    step = (
      <InPerson about={service.name} onDone={(inPerson) => setChoice({ ...chosen, inPerson })} />
    );
  } else if (doctorId === undefined) {
    step = (
      <ChooseDoctor
        about={service.name}
        doctors={giving(service)}
        onChoose={(id) => setChoice({ ...chosen, doctorId: id })}
      />
    );
  } else if (moving && slot) {
    step = (
      <MoveStep
        key={slot.start}
        appointment={state.appointments.find(({ id }) => id === moving.id) ?? moving}
        slot={slot}
        doctor={lists.doctors.find(({ id }) => id === slot.practitionerId)}
        onMoved={(made) => {
          setDone(made);
          onChanged();
        }}
        onTaken={() => {
          setNote("taken");
          setSlot(undefined);
          setRound(round + 1);
        }}
        onOther={() => setSlot(undefined)}
      />
    );
  } else {
    const doctor = lists.doctors.find(({ id }) => id === doctorId);
    const others = giving(service).length > 1;
    step = (
      <Step
        title={t(moving ? "book.time.move" : "book.time.title")}
        about={doctor ? `${service.name}, ${doctor.name}` : service.name}
      >
        {note && (
          <div role="alert" data-testid={`note-${note}`}>
            <Notice tone="warn">
              {t(note === "taken" && moving ? "book.move.taken" : `book.time.${note}`)}
            </Notice>
          </div>
        )}
        {fault !== undefined && (
          <Notice tone="bad">{t(errorKey(fault), { defaultValue: t("error.internal") })}</Notice>
        )}
        <Times
          key={round}
          patientId={me.person.id}
          serviceId={service.id}
          practitionerId={doctorId}
          moving={moving?.id}
          doctors={doctorId ? [] : lists.doctors}
          keeping={keeping}
          onChoose={(one) =>
            moving
              ? setSlot(one)
              : void keep({ start: one.start, doctor: one.practitionerId, service: service.id })
          }
          onOtherDoctor={others ? () => setChoice(without(chosen)) : undefined}
          onHome={onHome}
        />
        {moving && others && (
          <Button variant="quiet" onClick={() => setChoice(without(chosen))}>
            {t("book.time.otherDoctor")}
          </Button>
        )}
      </Step>
    );
  }
  return (
    <main className={visit.main} id="main" data-testid="request">
      {!done && (
        <Button variant="quiet" icon={ChevronLeftIcon} className={css.back} onClick={back}>
          {t("book.back")}
        </Button>
      )}
      {step}
    </main>
  );
}

/** The choice with the doctor still to choose. */
function without({ doctorId: _, ...rest }: Choice): Choice {
  return rest;
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
