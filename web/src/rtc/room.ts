import type { JoinedReply, Participant, ServerEvent, Slot, Track } from "./protocol.ts";
import type { CallParticipant, CallTrack } from "./state.ts";

/** Who and what is in the room, as the server has told. Its lists are replaced, never changed. */
export class RoomView {
  self: CallParticipant | undefined;
  participants: readonly CallParticipant[] = [];
  tracks: readonly Track[] = [];
  #slots: readonly Slot[] = [];
  #view: readonly CallTrack[] = [];

  enter(joined: JoinedReply): void {
    this.self = { ...joined.self, lobby: joined.lobby, self: true };
    this.tracks = joined.tracks;
    this.#slots = joined.slots;
    this.#others(joined.participants.map(other));
  }

  /** Forgets everybody else. */
  leave(): void {
    this.tracks = [];
    this.#slots = [];
    this.#others([]);
  }

  /** The tracks that are on a slot. */
  shown(): ReadonlySet<string> {
    return new Set(this.#slots.map((slot) => slot.track).filter((track) => track !== ""));
  }

  /** Applies an event and reports whether it was about the room. */
  apply(event: ServerEvent): boolean {
    switch (event.type) {
      case "participant_joined":
      case "participant_changed":
        this.#put(event.participant);
        return true;
      case "participant_left":
        this.#others(this.#rest(event.identity));
        return true;
      case "track_added":
      case "track_changed":
        this.tracks = this.tracks.some((t) => t.id === event.track.id)
          ? this.tracks.map((t) => (t.id === event.track.id ? event.track : t))
          : [...this.tracks, event.track];
        return true;
      case "track_removed":
        this.tracks = this.tracks.filter((t) => t.id !== event.trackId);
        return true;
      case "slots":
        this.#slots = event.slots;
        return true;
      case "media":
        if (this.self) {
          this.self = { ...this.self, media: event.state };
          this.#others(this.participants.filter((p) => !p.self));
        }
        return true;
      case "admitted":
        if (this.self) {
          this.self = { ...this.self, lobby: false };
        }
        this.tracks = event.tracks;
        this.#slots = event.slots;
        this.#others(event.participants.map(other));
        return true;
      default:
        return false;
    }
  }

  /**
   * The tracks with what is received of them. An entry that hasn't changed stays the same object,
   * and so does the list when none has.
   */
  view(received: (mid: string) => MediaStreamTrack | undefined): readonly CallTrack[] {
    const before = new Map(this.#view.map((track) => [track.id, track]));
    const next = this.tracks.map((track) => {
      const slot = this.#slots.find((s) => s.track === track.id);
      const mediaTrack = slot ? received(slot.mid) : undefined;
      const known = before.get(track.id);
      return known && known.muted === track.muted && known.mediaTrack === mediaTrack
        ? known
        : { ...track, mediaTrack };
    });
    const same = next.length === this.#view.length && next.every((t, i) => t === this.#view[i]);
    if (!same) {
      this.#view = next;
    }
    return this.#view;
  }

  #put(participant: Participant): void {
    if (participant.identity === this.self?.identity) {
      return;
    }
    const known = this.participants.some((p) => p.identity === participant.identity);
    this.#others(
      known
        ? this.participants
            .filter((p) => !p.self)
            .map((p) => (p.identity === participant.identity ? other(participant) : p))
        : [...this.participants.filter((p) => !p.self), other(participant)],
    );
  }

  #rest(identity: string): readonly CallParticipant[] {
    return this.participants.filter((p) => !p.self && p.identity !== identity);
  }

  #others(others: readonly CallParticipant[]): void {
    this.participants = this.self ? [this.self, ...others] : others;
  }
}

function other(participant: Participant): CallParticipant {
  return { ...participant, self: false };
}
