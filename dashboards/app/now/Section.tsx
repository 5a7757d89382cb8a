/** A headed part of the page; when there is nothing in it, it says what to do. */
import { type ReactNode, useId } from "react";

export function Section({
  title,
  count,
  empty,
  children,
}: {
  readonly title: string;
  readonly count: number;
  readonly empty: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="part">
      <h2 id={id}>{title}</h2>
      {count === 0 ? <p className="empty">{empty}</p> : children}
    </section>
  );
}
