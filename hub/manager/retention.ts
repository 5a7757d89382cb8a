/** What is kept how long: from the constants that let go of it, so that the page never says otherwise than the hub does. */
import { hubDefaults, registerWith } from "#core";
import { signInLifeMs } from "../http/better.ts";
import { invitationLifeMs } from "../http/invitations.ts";
import type { Reads } from "../ledger/types.ts";
import { rawDays } from "../series/index.ts";
import { personOf } from "../staff/names.ts";
import type { Retention } from "../views-manager.ts";

const dayMs = 86_400_000;

export function retentionOf(read: Reads, nowMs: number): Retention {
  const site = read.site();
  const { correctionMs } = registerWith(hubDefaults, site.settings);
  const forEver = { forMs: null, goneBeforeMs: null };
  const goes = (forMs: number) => ({ forMs, goneBeforeMs: nowMs - forMs });
  return {
    zone: site.tz,
    kept: [
      { what: "power", ...goes(rawDays * dayMs) },
      { what: "energy", ...forEver },
      { what: "events", ...forEver },
      { what: "sessions", ...forEver },
      { what: "people", ...forEver },
      { what: "audit", ...forEver },
      { what: "look_ups", ...forEver },
      { what: "corrections", forMs: correctionMs, goneBeforeMs: null },
      { what: "sign_ins", forMs: signInLifeMs, goneBeforeMs: null },
      { what: "invitations", forMs: invitationLifeMs, goneBeforeMs: null },
    ],
    erasures: read.erasureRequests().map(({ member, reason, askedMs }) => ({ who: personOf(read, member), reason, askedMs })),
  };
}
