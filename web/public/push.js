// Wakes a duty doctor whose pages are closed. It caches nothing and knows nothing of the patient.
self.addEventListener("push", (event) => {
  let words = {};
  try {
    words = event.data ? event.data.json() : {};
  } catch {
    // The title below says enough.
  }
  event.waitUntil(
    self.registration.showNotification(words.title || "Consilium", {
      body: words.body || "",
      icon: "/favicon.svg",
      tag: "offer",
      renotify: true,
      requireInteraction: true,
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
      const page = pages.find((one) => !/^\/(visit|guest)/.test(new URL(one.url).pathname));
      return page ? page.focus() : self.clients.openWindow("/calendar");
    }),
  );
});
