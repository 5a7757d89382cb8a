/**
 * The space as SpaceAPI v15 (spaceapi.io/docs) tells it to directories, apps and a municipality's page. What is not known is left out:
 * version 15 has no word for it. Locks, power and people only where the space wants them public: an empty building is a burglar's news.
 */
import type { DoorStatus } from "../views.ts";
import type { Picture } from "./picture.ts";

export type SpaceApiGiven = {
  readonly url: string;
  readonly logo: string;
  readonly email: string;
  readonly address?: string | undefined;
  readonly lat?: number | undefined;
  readonly lon?: number | undefined;
  /** how many are in, what machines draw, which doors are locked */
  readonly sensors: boolean;
};

export function spaceApiDocument(given: SpaceApiGiven, picture: Picture): object {
  const { isOpen, openSinceMs, zone } = picture;
  const since = openSinceMs === null ? {} : { lastchange: Math.floor(openSinceMs / 1000) };
  const place = Object.fromEntries(
    Object.entries({ address: given.address, lat: given.lat, lon: given.lon }).filter(([, v]) => v !== undefined),
  );
  return {
    api_compatibility: ["15"],
    space: picture.name,
    url: given.url,
    logo: given.logo,
    location: { ...place, timezone: zone },
    contact: { email: given.email },
    ...(isOpen === null ? {} : { state: { open: isOpen, ...since } }),
    ...(given.sensors ? { sensors: sensorsOf(picture) } : {}),
    ext_machines: picture.machines.map(({ label, status }) => ({ name: label, state: status })),
  };
}

/** A door whose lock is not known is not told of. */
const lockedStates: ReadonlyMap<DoorStatus, boolean> = new Map([
  ["secure", true],
  ["unlocked", false],
  ["passage", false],
  ["open", false],
  ["held", false],
  ["forced", false],
]);

function sensorsOf({ people, members, doors, machines }: Picture): object {
  const locked = doors.flatMap(({ label, status }) => {
    const value = lockedStates.get(status);
    return value === undefined ? [] : [{ value, location: label }];
  });
  const power = machines.flatMap(({ label, powerW }) =>
    powerW === null ? [] : [{ value: Math.round(powerW), unit: "W", location: label }],
  );
  return {
    people_now_present: [{ value: people }],
    total_member_count: [{ value: members }],
    ...(locked.length === 0 ? {} : { door_locked: locked }),
    ...(power.length === 0 ? {} : { power_consumption: power }),
  };
}
