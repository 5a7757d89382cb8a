/** The pages' view of the hub lives beside the other ports. */
export * from "../views.ts";
