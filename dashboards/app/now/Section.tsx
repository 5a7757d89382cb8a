/** A headed part of the page; when there is nothing in it, it says what to do. */
import { type ReactNode, useId } from "react";

type SectionProps = {
  readonly title: string;
  readonly count: number;
  readonly empty: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
};

export function Section({ title, count, empty, action, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="part">
      <div className="part-head">
        <h2 id={id}>{title}</h2>
        {action}
      </div>
      {count === 0 ? <p className="empty">{empty}</p> : children}
    </section>
  );
}
