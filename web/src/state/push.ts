import { api, ok } from "../api/client";

/** What became of waking this browser. */
export type PushState = "none" | "on" | "denied" | "failed";

const worker = "/push.js";

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (one) => one.charCodeAt(0));
}

function text(buffer: ArrayBuffer | null): string {
  const raw = String.fromCharCode(...new Uint8Array(buffer ?? new ArrayBuffer(0)));
  return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Whether this browser has a push service at all. */
export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Whether this browser is subscribed already. */
export async function pushState(): Promise<PushState> {
  if (!canPush()) return "none";
  if (Notification.permission === "denied") return "denied";
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ? "on" : "none";
}

/** Asks the person, subscribes at the browser's push service, and tells the server. */
export async function startPush(): Promise<PushState> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  try {
    const { key } = await ok(api.GET("/push-key"));
    await navigator.serviceWorker.register(worker);
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytes(key),
    });
    await ok(
      api.PUT("/push-subscription", {
        body: {
          endpoint: subscription.endpoint,
          p256dh: text(subscription.getKey("p256dh")),
          auth: text(subscription.getKey("auth")),
        },
      }),
    );
    return "on";
  } catch {
    return "failed";
  }
}

/** Lets this browser sleep. */
export async function stopPush(): Promise<PushState> {
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe();
  await ok(api.DELETE("/push-subscription")).catch(() => undefined);
  return "none";
}
