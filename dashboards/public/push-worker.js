/** Shows what the hub has sent to this browser, and opens the notices when somebody taps on it. It sees no other request of the pages. */
self.addEventListener("push", (event) => {
  let told = { title: "Koprade", body: "" };
  try {
    told = { ...told, ...event.data?.json() };
  } catch {
    // Something came that is not ours: a browser wants to see that something came all the same.
  }
  event.waitUntil(self.registration.showNotification(String(told.title), { body: String(told.body), icon: "/icon.svg" }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow("/me/choices"));
});
