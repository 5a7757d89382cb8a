/** This browser as a place for notices (Push API). It works on https and on this computer only: elsewhere browsers have no service workers. */
import * as z from "zod";
import { get } from "../../shared/api.ts";

export const canPush = (): boolean => isSecureContext && "serviceWorker" in navigator && "PushManager" in globalThis;

const key = z.object({ key: z.string() });
const subscription = z.object({ endpoint: z.string(), keys: z.object({ p256dh: z.string(), auth: z.string() }) });
type Subscribed = { readonly address: string; readonly pushKeys: { readonly p256dh: string; readonly auth: string } };

/** Asks the person and then the browser's push service; null when either does not want to. */
export async function subscribeHere(): Promise<Subscribed | null> {
  try {
    if ((await Notification.requestPermission()) !== "granted") return null;
    const worker = await navigator.serviceWorker.register("/push-worker.js");
    await navigator.serviceWorker.ready;
    const { key: applicationServerKey } = await get("/api/me/push-key", key);
    const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
    const { endpoint, keys } = subscription.parse(made.toJSON());
    return { address: endpoint, pushKeys: keys };
  } catch {
    return null;
  }
}
