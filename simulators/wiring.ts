/** Which wire of the building goes to which pin of its boards. */
export const doorPins = { strikePin: 4, contactPin: 2, exitPin: 3 } as const;
export const machinePins = { relayPin: 4, auxPin: 2 } as const;
