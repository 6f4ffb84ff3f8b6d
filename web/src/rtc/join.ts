import { Backoff } from "./backoff.ts";
import { EndedError, isFinal, OfflineError, RequestError, StopError } from "./errors.ts";
import type { Link } from "./link.ts";
import { MediaPath, type MediaPathEvents } from "./media.ts";
import type { MakePeer, Sending } from "./peer.ts";
import type { JoinedReply, Source } from "./protocol.ts";
import type { JoinOptions } from "./state.ts";

const FIRST_TRIES = 3;

export interface JoinContext {
  readonly link: Link;
  readonly options: JoinOptions;
  readonly makePeer: MakePeer;
  readonly sources: ReadonlyMap<Source, Sending>;
  readonly events: MediaPathEvents;
  /** Throws EndedError when the join is no longer wanted. */
  wanted(): void;
  /** The server has let us in; events follow. */
  joined(path: MediaPath, reply: JoinedReply): void;
}

/** One try: a ticket, a connection, its offer in the join, the answer. */
export async function tryJoin(context: JoinContext): Promise<void> {
  const { link, options } = context;
  await link.ready();
  const ticket = await options.grant();
  await link.ready();
  context.wanted();
  const pc = context.makePeer({
    iceServers: ticket.iceServers,
    bundlePolicy: "max-bundle",
    ...(options.transport ? { iceTransportPolicy: options.transport } : {}),
  });
  const path = new MediaPath(pc, context.events, {
    exchange: async (sdp, tracks) => (await link.request({ type: "offer", sdp, tracks })).sdp,
    iceServers: async () => (await options.grant()).iceServers,
  });
  try {
    await path.open(context.sources, async (sdp, tracks) => {
      const reply = await link.request({
        type: "join",
        grant: ticket.grant,
        room: ticket.room,
        sdp,
        tracks,
      });
      context.wanted();
      context.joined(path, reply);
      return reply.sdp;
    });
  } catch (error) {
    path.close();
    throw error;
  }
}

/**
 * Tries until it is in. The first join gives up soon, so that the person learns of it; a later one
 * goes on for as long as it may still succeed. failed is told the reason of each that didn't.
 */
export async function keepJoining(
  context: JoinContext,
  first: boolean,
  random: (() => number) | undefined,
  failed: (reason: string, final: boolean) => void,
): Promise<void> {
  const backoff = new Backoff(random);
  for (;;) {
    try {
      await tryJoin(context);
      return;
    } catch (error) {
      if (error instanceof EndedError) {
        throw error;
      }
      context.wanted();
      const reason = reasonOf(error);
      const final = isHopeless(error) || (first && isEnough(error, backoff.tries));
      failed(reason, final);
      if (final) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, backoff.next()));
      context.wanted();
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RequestError) {
    return error.code;
  }
  return error instanceof StopError ? error.reason : "failed";
}

function isHopeless(error: unknown): boolean {
  return error instanceof StopError || (error instanceof RequestError && isFinal(error.code));
}

function isEnough(error: unknown, tries: number): boolean {
  const retriable = error instanceof RequestError || error instanceof OfflineError;
  return !retriable || reasonOf(error) === "room_full" || tries >= FIRST_TRIES;
}
