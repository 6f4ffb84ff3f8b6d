import { api, ok } from "../api/client";
import type { Appointment, ConsentState, Document, Me, WaitEntry } from "../api/types";
import type { Link } from "../rtc";

export interface VisitState {
  appointments: readonly Appointment[];
  documents: readonly Document[];
  /** What is to be agreed to before the next visit. */
  missing: readonly ConsentState[];
  /** Times that the patient waits for. */
  waits: readonly WaitEntry[];
  /** Whether the first answer has come. */
  loaded: boolean;
  failed: boolean;
  /** The server's clock minus this device's, in milliseconds. */
  clockOffset: number;
}

/** Events of one change come in a burst: what they touch is fetched once. */
const gatherMs = 80;
const dayMs = 24 * 60 * 60 * 1000;
const behindDays = 8;
const aheadDays = 60;

/** The patient's appointments and documents, kept current by the live line. */
export class VisitStore {
  private state: VisitState = {
    appointments: [],
    documents: [],
    missing: [],
    waits: [],
    loaded: false,
    failed: false,
    clockOffset: 0,
  };
  private readonly listeners = new Set<() => void>();
  private readonly stops: (() => void)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private round = 0;

  constructor(
    private readonly me: Me,
    link: Link,
  ) {
    this.stops.push(
      link.onLive(() => this.later()),
      // A new session may have missed events.
      link.onSession((resumed) => {
        if (!resumed) this.later();
      }),
    );
  }

  getSnapshot = (): VisitState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Fetches both lists anew; what is shown stays when that fails. */
  async refresh(): Promise<void> {
    // A guest sees one consultation and no lists.
    if (this.me.role === "guest") {
      this.set({ loaded: true });
      return;
    }
    this.round += 1;
    const { round } = this;
    try {
      const at = Date.now();
      const [appointments, documents, missing, waits] = await Promise.all([
        this.fetchAppointments(at),
        this.fetchDocuments(),
        this.fetchMissing(),
        this.fetchWaits(),
      ]);
      if (round !== this.round) return;
      this.set({ ...appointments, documents, missing, waits, loaded: true, failed: false });
    } catch {
      if (round === this.round) this.set({ failed: true, loaded: true });
    }
  }

  close(): void {
    this.round += 1;
    clearTimeout(this.timer);
    for (const stop of this.stops) stop();
    this.listeners.clear();
  }

  private async fetchAppointments(
    at: number,
  ): Promise<Pick<VisitState, "appointments" | "clockOffset">> {
    const day = (days: number) => new Date(at + days * dayMs).toISOString();
    const answer = api.GET("/appointments", {
      params: { query: { from: day(-behindDays), to: day(aheadDays) } },
    });
    const { items } = await ok(answer);
    const date = Date.parse((await answer).response.headers.get("Date") ?? "");
    return {
      appointments: items,
      // The header counts whole seconds: half of one is the fairest guess.
      clockOffset: Number.isNaN(date) ? 0 : date + 500 - Date.now(),
    };
  }

  private async fetchDocuments(): Promise<readonly Document[]> {
    const card = await ok(
      api.GET("/patients/{id}/card", { params: { path: { id: this.me.person.id } } }),
    );
    return [...card.documents].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  }

  private async fetchMissing(): Promise<readonly ConsentState[]> {
    const { items } = await ok(api.GET("/me/consents"));
    return items.filter((one) => one.required && !one.given);
  }

  private async fetchWaits(): Promise<readonly WaitEntry[]> {
    return (await ok(api.GET("/waitlist"))).items;
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), gatherMs);
  }

  private set(change: Partial<VisitState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
