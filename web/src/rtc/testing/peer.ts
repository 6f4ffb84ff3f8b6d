/** Stand-ins for the browser's media classes; as little as the SDK uses. */

export class FakeTrack extends EventTarget {
  enabled = true;
  readyState: MediaStreamTrackState = "live";
  readonly kind: string;
  readonly id: string;

  constructor(kind: string, id: string) {
    super();
    this.kind = kind;
    this.id = id;
  }

  stop(): void {
    this.readyState = "ended";
  }

  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  get media(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

export class FakeSender {
  track: MediaStreamTrack | null;
  encodings: RTCRtpEncodingParameters[];
  replaced = 0;

  constructor(track: MediaStreamTrack | null, encodings: RTCRtpEncodingParameters[]) {
    this.track = track;
    this.encodings = encodings;
  }

  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    this.replaced++;
    this.track = track;
  }

  getParameters(): { encodings: RTCRtpEncodingParameters[] } {
    return { encodings: this.encodings.map((encoding) => ({ ...encoding })) };
  }

  async setParameters(parameters: { encodings: RTCRtpEncodingParameters[] }): Promise<void> {
    this.encodings = parameters.encodings;
  }
}

export interface FakeTransceiver {
  mid: string | null;
  direction: RTCRtpTransceiverDirection;
  sender: FakeSender;
  receiver: { track: MediaStreamTrack };
}

export class FakePeer {
  config: RTCConfiguration;
  readonly transceivers: FakeTransceiver[] = [];
  readonly offers: { iceRestart: boolean }[] = [];
  readonly answers: string[] = [];
  iceConnectionState: RTCIceConnectionState = "new";
  localDescription: { type: "offer"; sdp: string } | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  closed = false;
  stats: { type: string; id: string; [name: string]: unknown }[] = [];

  constructor(config: RTCConfiguration) {
    this.config = config;
  }

  addTransceiver(what: MediaStreamTrack | string, init: RTCRtpTransceiverInit): FakeTransceiver {
    const kind = typeof what === "string" ? what : what.kind;
    const transceiver: FakeTransceiver = {
      mid: null,
      direction: init.direction ?? "sendrecv",
      sender: new FakeSender(typeof what === "string" ? null : what, init.sendEncodings ?? []),
      receiver: { track: new FakeTrack(kind, `in${this.transceivers.length}`).media },
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  async createOffer(options?: RTCOfferOptions): Promise<{ type: "offer"; sdp: string }> {
    this.offers.push({ iceRestart: options?.iceRestart ?? false });
    return { type: "offer", sdp: `offer ${this.offers.length}` };
  }

  async setLocalDescription(description: { type: "offer"; sdp: string }): Promise<void> {
    this.localDescription = description;
    for (const [i, transceiver] of this.transceivers.entries()) {
      transceiver.mid ??= String(i);
    }
  }

  async setRemoteDescription(description: { sdp: string }): Promise<void> {
    this.answers.push(description.sdp);
  }

  getConfiguration(): RTCConfiguration {
    return this.config;
  }

  setConfiguration(config: RTCConfiguration): void {
    this.config = config;
  }

  async getStats(): Promise<Map<string, { type: string; id: string }>> {
    return new Map(this.stats.map((entry) => [entry.id, entry]));
  }

  close(): void {
    this.closed = true;
  }

  ice(state: RTCIceConnectionState): void {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }

  get pc(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }
}
