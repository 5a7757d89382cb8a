/** Addresses that several pages lead to. */
export const newMachinePath = "/machines/new";
