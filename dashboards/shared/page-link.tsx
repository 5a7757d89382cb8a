/** A link to another page of this program: opens without a reload, and like any link in a new tab or window. */
import type { MouseEvent, ReactNode } from "react";
import { go } from "./route.ts";

type PageLinkProps = {
  readonly to: string;
  /** the page that is open */
  readonly here?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
};

export function PageLink({ to, here = false, className, children }: PageLinkProps) {
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
    scrollTo(0, 0);
  };
  return (
    <a href={to} className={className} aria-current={here ? "page" : undefined} onClick={open}>
      {children}
    </a>
  );
}
