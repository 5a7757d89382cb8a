/** Runs a machine through every sequence of events of one length and hands each step to a check. Seeds nothing, misses nothing. */
export function everySequence<State, Event>(
  length: number,
  events: readonly Event[],
  start: () => State,
  step: (state: State, event: Event, at: number) => State,
): number {
  let runs = 0;
  const walk = (state: State, depth: number): void => {
    if (depth === length) {
      runs += 1;
      return;
    }
    for (const event of events) walk(step(state, event, depth), depth + 1);
  };
  walk(start(), 0);
  return runs;
}
