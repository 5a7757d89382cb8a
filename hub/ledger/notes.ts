/** Commands that change no right by themselves: what a running hub does or finds and what must stand in the audit. */
import type { Handlers } from "./commands.ts";
import { need, needMember } from "./rows.ts";

export const notes: Pick<Handlers, "openCapture" | "recordOverride" | "noteOfflineException"> = {
  openCapture(context, input) {
    needMember(context, input.member);
    need(context, "resources", input.resource);
    return {};
  },
  recordOverride(context, input) {
    needMember(context, input.member);
    needMember(context, input.by);
    need(context, "resources", input.resource);
    return {};
  },
  noteOfflineException(context, input) {
    need(context, "resources", input.resource);
    return {};
  },
};
