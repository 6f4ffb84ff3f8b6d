/** A file on its way to the server. Once there it is a chat message and leaves this list. */
export interface Upload {
  id: string;
  name: string;
  size: number;
  /** 0 to 1. */
  share: number;
  /** The refusal's code; undefined while it is being sent. */
  failed: string | undefined;
}

export type UploadEvent =
  | { type: "started"; id: string; name: string; size: number }
  | { type: "moved"; id: string; share: number }
  | { type: "failed"; id: string; code: string }
  | { type: "gone"; id: string };

/** Files under way after one event. */
export function uploads(list: readonly Upload[], event: UploadEvent): readonly Upload[] {
  switch (event.type) {
    case "started": {
      const { id, name, size } = event;
      return [...list, { id, name, size, share: 0, failed: undefined }];
    }
    case "moved":
      return change(list, event.id, (one) => ({ ...one, share: Math.max(one.share, event.share) }));
    case "failed":
      return change(list, event.id, (one) => ({ ...one, failed: event.code }));
    case "gone":
      return list.filter((one) => one.id !== event.id);
  }
}

function change(
  list: readonly Upload[],
  id: string,
  to: (one: Upload) => Upload,
): readonly Upload[] {
  return list.some((one) => one.id === id)
    ? list.map((one) => (one.id === id ? to(one) : one))
    : list;
}

/** The sentence for a refused file, by the problem's code. */
export function uploadFault(code: string): string {
  switch (code) {
    case "too_large":
      return "chat.tooBig";
    case "type_refused":
      return "chat.refusedType";
    default:
      return "chat.uploadFailed";
  }
}
