import { ApiError } from "./errors";
import type { Upload } from "./types";

/** The largest file the server takes, in bytes. */
export const largestFile = 50 * 1024 * 1024;

export function documentUrl(id: string, inline = false): string {
  return `/api/v1/documents/${encodeURIComponent(id)}/content${inline ? "?inline=true" : ""}`;
}

/** Sends a file into a consultation's chat, with progress from 0 to 1. */
export function uploadFile(
  encounterId: string,
  file: File,
  options: { onProgress?: (share: number) => void; signal?: AbortSignal } = {},
): Promise<Upload> {
  // fetch has no upload progress.
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/encounters/${encodeURIComponent(encounterId)}/files`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Upload);
      else reject(new ApiError(request.status, request.response ?? {}));
    };
    request.onerror = () => reject(new ApiError(0, {}));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    options.signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
