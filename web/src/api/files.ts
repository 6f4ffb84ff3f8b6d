import { ApiError } from "./errors";
import type { Intake, Upload } from "./types";

/** The largest file the server takes, in bytes. */
export const largestFile = 50 * 1024 * 1024;

export function documentUrl(id: string, inline = false): string {
  return `/api/v1/documents/${encodeURIComponent(id)}/content${inline ? "?inline=true" : ""}`;
}

interface SendOptions {
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
  /** The same again is the same file. */
  clientId?: string;
}

/** Sends a file into a consultation's chat, with progress from 0 to 1. */
export function uploadFile(
  encounterId: string,
  file: File,
  options: SendOptions = {},
): Promise<Upload> {
  return send(`/encounters/${encodeURIComponent(encounterId)}/files`, file, options);
}

/** Sends a file before a visit; the answer is all that the patient has told so far. */
export function uploadIntakeFile(
  appointmentId: string,
  file: File,
  options: SendOptions = {},
): Promise<Intake> {
  return send(`/appointments/${encodeURIComponent(appointmentId)}/intake/files`, file, options);
}

function send<T>(path: string, file: File, options: SendOptions): Promise<T> {
  // fetch has no upload progress.
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1${path}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    if (options.clientId) request.setRequestHeader("X-Client-Id", options.clientId);
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as T);
      else reject(new ApiError(request.status, request.response ?? {}));
    };
    request.onerror = () => reject(new ApiError(0, {}));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    options.signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
