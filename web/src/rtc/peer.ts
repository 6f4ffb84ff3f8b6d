import { applyLayers, cameraLayers, preferCodecs, screenLayers } from "./codecs.ts";
import type { Layers, Source, TrackMeta } from "./protocol.ts";

export type MakePeer = (config: RTCConfiguration) => RTCPeerConnection;

/** What is sent of one source. */
export interface Sending {
  readonly track: MediaStreamTrack | null;
  readonly muted: boolean;
}

/** Sends an offer and returns the answer. */
export type Exchange = (sdp: string, tracks: TrackMeta[]) => Promise<string | undefined>;

export interface PeerEvents {
  /** The ICE transport's state has changed. */
  ice(state: RTCIceConnectionState): void;
  /** Another negotiation is needed. */
  renegotiate(): void;
}

const SPARE_AUDIO = 2;
const SPARE_VIDEO = 3;

const kindOf: Record<Source, "audio" | "video"> = {
  microphone: "audio",
  camera: "video",
  screen: "video",
  "screen-audio": "audio",
};

/**
 * One RTCPeerConnection: it always offers and the server always answers. Sections we send on come
 * first, then spare ones to receive on.
 */
export class Peer {
  readonly #pc: RTCPeerConnection;
  readonly #senders = new Map<Source, RTCRtpTransceiver>();
  readonly #withdrawn = new Map<Source, RTCRtpTransceiver>();
  readonly #sending = new Map<Source, Sending>();
  readonly #told = new Map<Source, boolean>();
  #closed = false;
  #parameters: Promise<void> = Promise.resolve();

  constructor(pc: RTCPeerConnection, events: PeerEvents) {
    this.#pc = pc;
    pc.oniceconnectionstatechange = () => events.ice(pc.iceConnectionState);
    this.#renegotiate = () => events.renegotiate();
  }

  readonly #renegotiate: () => void;

  get pc(): RTCPeerConnection {
    return this.#pc;
  }

  get iceState(): RTCIceConnectionState {
    return this.#pc.iceConnectionState;
  }

  /** Adds the sections of the first offer. */
  prepare(sending: ReadonlyMap<Source, Sending>): void {
    for (const [source, what] of sending) {
      if (what.track) {
        this.#add(source, what);
      }
    }
    this.addSlots(SPARE_AUDIO, SPARE_VIDEO);
  }

  addSlots(audio: number, video: number): void {
    for (let i = 0; i < audio; i++) {
      this.#pc.addTransceiver("audio", { direction: "recvonly" });
    }
    for (let i = 0; i < video; i++) {
      this.#pc.addTransceiver("video", { direction: "recvonly" });
    }
  }

  /**
   * Sends another track of a source, or none. A source that was never sent needs a negotiation;
   * a track that takes another's place doesn't.
   */
  async send(source: Source, what: Sending): Promise<void> {
    this.#sending.set(source, what);
    const transceiver = this.#senders.get(source);
    if (transceiver) {
      if (transceiver.sender.track !== what.track) {
        await transceiver.sender.replaceTrack(what.track);
      }
    } else if (what.track && !this.#closed) {
      const before = this.#withdrawn.get(source);
      if (before) {
        this.#withdrawn.delete(source);
        this.#senders.set(source, before);
        before.direction = "sendonly";
        await before.sender.replaceTrack(what.track);
      } else {
        this.#add(source, what);
      }
      this.#renegotiate();
    }
  }

  /** Stops sending a source for good: the others see its track go. */
  async withdraw(source: Source): Promise<void> {
    const transceiver = this.#senders.get(source);
    this.#senders.delete(source);
    this.#sending.delete(source);
    if (!transceiver || this.#closed) {
      return;
    }
    this.#withdrawn.set(source, transceiver);
    transceiver.direction = "inactive";
    await transceiver.sender.replaceTrack(null);
    this.#renegotiate();
  }

  #add(source: Source, what: Sending): void {
    const kind = kindOf[source];
    const init: RTCRtpTransceiverInit = { direction: "sendonly" };
    if (kind === "video") {
      init.sendEncodings = (source === "camera" ? cameraLayers : screenLayers).map((layer) => ({
        ...layer,
      }));
    }
    const transceiver = this.#pc.addTransceiver(what.track ?? kind, init);
    preferCodecs(transceiver, kind);
    this.#senders.set(source, transceiver);
    this.#sending.set(source, what);
  }

  /** Offers and takes the answer. The caller sees to it that one runs at a time. */
  async negotiate(exchange: Exchange, iceRestart: boolean): Promise<void> {
    const offer = await this.#pc.createOffer({ iceRestart });
    await this.#pc.setLocalDescription(offer);
    const sdp = this.#pc.localDescription?.sdp ?? offer.sdp ?? "";
    const answer = await exchange(sdp, this.#metas());
    if (answer !== undefined && !this.#closed) {
      await this.#pc.setRemoteDescription({ type: "answer", sdp: answer });
    }
  }

  #metas(): TrackMeta[] {
    const metas: TrackMeta[] = [];
    for (const [source, transceiver] of this.#senders) {
      const what = this.#sending.get(source);
      if (transceiver.mid !== null) {
        const muted = !what?.track || what.muted;
        this.#told.set(source, muted);
        metas.push({ mid: transceiver.mid, source, muted });
      }
    }
    return metas;
  }

  /** Whether the source has been offered, so that it can be muted at the server. */
  offered(source: Source): boolean {
    return (this.#senders.get(source)?.mid ?? null) !== null;
  }

  /** Whether the latest offer said that the source is muted. */
  told(source: Source): boolean | undefined {
    return this.#told.get(source);
  }

  /** The track that is received on a media section. */
  received(mid: string): MediaStreamTrack | undefined {
    return this.#pc.getTransceivers().find((t) => t.mid === mid)?.receiver.track;
  }

  /** Relay servers for the next restart. */
  useRelays(iceServers: RTCIceServer[]): void {
    if (!this.#closed) {
      this.#pc.setConfiguration({ ...this.#pc.getConfiguration(), iceServers });
    }
  }

  /** Sends only the layers that somebody wants. One change at a time, as senders require. */
  applyLayers(layers: readonly Layers[]): void {
    for (const { mid, rids } of layers) {
      const transceiver = this.#pc.getTransceivers().find((t) => t.mid === mid);
      if (transceiver) {
        this.#parameters = this.#parameters
          .then(() => applyLayers(transceiver.sender, rids))
          .catch(() => {}); // the sender has stopped, or is busy: all layers go on
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#pc.oniceconnectionstatechange = null;
    this.#pc.close();
  }
}
