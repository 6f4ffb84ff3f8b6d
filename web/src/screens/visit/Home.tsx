import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Appointment, ConsentState, Me } from "../../api/types";
import { useFormats } from "../../i18n/useFormats";
import { useNow } from "../../state/useNow";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import {
  AlertIcon,
  CalendarIcon,
  ClockIcon,
  LockIcon,
  ShieldIcon,
  VideoIcon,
} from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { isKept, keptNow, missedOf, others } from "../../visit/booking";
import type { BookingStart } from "../../visit/flow";
import { canJoin, chooseNext, momentOf } from "../../visit/next";
import type { VisitState } from "../../visit/store";
import { VisitActions } from "../booking/VisitActions";
import { useTitle } from "../call/useTitle";
import { FeedsButton } from "../feeds/FeedsButton";
import { BeforeVisit } from "./BeforeVisit";
import { Documents } from "./Documents";
import help from "./help.module.css";
import { Others } from "./Others";
import { Renew } from "./Renew";
import css from "./visit.module.css";
import { Withdraw } from "./Withdraw";

/** Most who open a link have one visit, and none of these. */
const Kept = lazy(() => import("../booking/Kept"));
const WaitingList = lazy(() => import("../booking/WaitingList"));
const Missed = lazy(() => import("../booking/Missed"));

/** The patient's own page: the next appointment with its one big button, and the documents. */
export function Home({
  me,
  state,
  onJoin,
  onAgain,
  onBook,
  onSecurity,
  onHelp,
  onData,
  onIntake,
}: {
  me: Me;
  state: VisitState;
  onJoin: (encounterId: string) => void;
  onAgain: () => void;
  onBook: (start?: BookingStart) => void;
  onSecurity: () => void;
  onHelp: () => void;
  onData: () => void;
  onIntake: (appointmentId: string) => void;
}) {
  const { t } = useTranslation();
  const now = useNow().getTime() + state.clockOffset;
  // The queue has a page of its own.
  const planned = state.appointments.filter((one) => one.practitioner.id !== "");
  const queued = state.appointments.find((one) => one.status === "queued");
  const next = chooseNext(
    planned.filter((one) => !isKept(one)),
    me.visit?.appointmentId,
    now,
  );
  const kept = keptNow(planned, now);
  const missed = missedOf(planned, now);
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(t("call.title.home"));
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className={css.main} id="main">
      <h1 ref={heading} tabIndex={-1} className={css.hello}>
        <span>{t("visit.hello")}</span> {me.person.name}
      </h1>
      {state.loaded && <NeedHelp queued={queued !== undefined} onHelp={onHelp} />}
      {kept.length > 0 && (
        <Suspense>
          <Kept
            appointments={kept}
            clockOffset={state.clockOffset}
            onFinish={(id) => onBook({ kind: "finish", id })}
            onChanged={onAgain}
          />
        </Suspense>
      )}
      {next && state.missing.length > 0 && <Renew missing={state.missing} onDone={onAgain} />}
      {next ? (
        <NextCard
          appointment={next}
          missing={state.missing}
          now={now}
          clockOffset={state.clockOffset}
          onJoin={onJoin}
          onMove={() => onBook({ kind: "move", id: next.id })}
          onChanged={onAgain}
          onIntake={onIntake}
        />
      ) : (
        state.loaded && (
          <section className={css.card}>
            <h2>{t("visit.next.none")}</h2>
            <p className={css.soft}>{t("visit.next.noneHint")}</p>
          </section>
        )
      )}
      <Others
        appointments={others(planned, next, now)}
        clockOffset={state.clockOffset}
        onMove={(id) => onBook({ kind: "move", id })}
        onChanged={onAgain}
        onIntake={onIntake}
      />
      {state.waits.length > 0 && (
        <Suspense>
          <WaitingList entries={state.waits} onChanged={onAgain} />
        </Suspense>
      )}
      {missed.length > 0 && (
        <Suspense>
          <Missed appointments={missed} onAgain={(id) => onBook({ kind: "again", id })} />
        </Suspense>
      )}
      {state.loaded && (
        <Button
          icon={CalendarIcon}
          size="l"
          block
          data-testid="request-visit"
          onClick={() => onBook()}
        >
          {t("book.open")}
        </Button>
      )}
      {state.loaded && <FeedsButton owner="patient" block />}
      <Documents state={state} onAgain={onAgain} />
      <Button icon={ShieldIcon} variant="quiet" size="l" block onClick={onSecurity}>
        {t("security.title")}
      </Button>
      <Button icon={LockIcon} size="l" block data-testid="my-data" onClick={onData}>
        {t("mydata.title")}
      </Button>
      <p className={css.help}>{t("visit.help")}</p>
    </main>
  );
}

/** The way to help at once, never below anything else. */
function NeedHelp({ queued, onHelp }: { queued: boolean; onHelp: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        icon={AlertIcon}
        size="l"
        block
        className={help.open}
        data-testid="help-open"
        onClick={onHelp}
      >
        {t(queued ? "help.waiting" : "help.open")}
      </Button>
      <p className={help.openHint}>{t("help.openHint")}</p>
    </>
  );
}

function NextCard({
  appointment,
  missing,
  now,
  clockOffset,
  onJoin,
  onMove,
  onChanged,
  onIntake,
}: {
  appointment: Appointment;
  /** Nobody comes in before they have agreed to what the clinic asks. */
  missing: readonly ConsentState[];
  now: number;
  clockOffset: number;
  onJoin: (encounterId: string) => void;
  onMove: () => void;
  onChanged: () => void;
  onIntake: (appointmentId: string) => void;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { practitioner, service, start, status, encounterId } = appointment;
  const own = formats.viewerTime(start);
  const moment = momentOf(start, now);
  const going = status === "waiting" || status === "in_progress" || status === "interrupted";
  const asked = status === "requested";
  const agreed = missing.length === 0;
  const joinable = canJoin(appointment) && (agreed || going);
  return (
    <section className={css.card} aria-labelledby="next-title">
      <h2 id="next-title" className={css.cardTitle}>
        {t(asked ? "book.yourRequest" : "visit.next.title")}
      </h2>
      <div className={css.doctor}>
        <Avatar name={practitioner.name} size={64} />
        <div>
          <p className={css.doctorName}>{practitioner.name}</p>
          <p className={css.soft}>{practitioner.specialty}</p>
        </div>
      </div>
      <dl className={css.facts}>
        <div>
          <dt>
            <CalendarIcon size={24} />
            <span className="sr-only">{t("visit.next.when")}</span>
          </dt>
          <dd>
            <strong>
              {formats.day(start)}, <time dateTime={start}>{formats.time(start)}</time>
            </strong>
            {own && (
              <span className={css.soft}>
                {t("visit.next.clinicTime")}
                <br />
                {t("visit.next.yourTime", { time: own })}
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>
            <VideoIcon size={24} />
            <span className="sr-only">{t("visit.next.service")}</span>
          </dt>
          <dd>{service.name}</dd>
        </div>
      </dl>
      {going || asked ? (
        <p className={css.moment} role="status">
          <ClockIcon size={22} /> {t(`visit.status.${status}`)}
        </p>
      ) : (
        moment.kind !== "later" && (
          <p className={css.moment} role="status">
            <ClockIcon size={22} />
            {moment.kind === "now"
              ? t("visit.next.now")
              : t(`visit.next.${moment.kind}`, { time: formats.duration(moment.ms) })}
          </p>
        )
      )}
      {joinable && encounterId ? (
        <>
          <Button
            variant="primary"
            size="l"
            block
            icon={VideoIcon}
            className={css.join}
            data-testid="join"
            onClick={() => onJoin(encounterId)}
          >
            {t(going ? "visit.next.rejoin" : "visit.next.join")}
          </Button>
          {!going && <p className={css.joinHint}>{t("visit.next.joinHint")}</p>}
        </>
      ) : agreed || asked ? (
        <p className={css.joinHint}>{t(asked ? "book.waits" : "visit.next.later")}</p>
      ) : (
        <Notice
          tone="warn"
          action={
            <Button data-testid="agree-first" onClick={() => onIntake(appointment.id)}>
              {t("intake.agree")}
            </Button>
          }
        >
          {t("intake.agreeFirst", { titles: missing.map(({ title }) => title).join(", ") })}
        </Notice>
      )}
      <BeforeVisit appointment={appointment} onIntake={onIntake} />
      <Withdraw appointment={appointment} onChanged={onChanged} />
      <VisitActions
        appointment={appointment}
        clockOffset={clockOffset}
        onMove={onMove}
        onChanged={onChanged}
      />
    </section>
  );
}
