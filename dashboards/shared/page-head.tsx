/** The heading of a page: its name here and in the browser's tab, where it belongs, and what can be done with all of it. */
import { type ReactNode, useEffect } from "react";
import { PageLink } from "./page-link.tsx";
import { useLive } from "./use-live.ts";

type PageHeadProps = {
  readonly title: string;
  /** the list this page is one row of */
  readonly up?: { readonly to: string; readonly label: string };
  readonly children?: ReactNode;
};

export function PageHead({ title, up, children }: PageHeadProps) {
  const space = useLive().snapshot?.site.name ?? "Koprade";
  useEffect(() => {
    document.title = `${title} · ${space}`;
  }, [title, space]);
  return (
    <div className="page-head">
      <div>
        {up !== undefined && (
          <p className="up">
            <PageLink to={up.to}>‹ {up.label}</PageLink>
          </p>
        )}
        <h1>{title}</h1>
      </div>
      {children !== undefined && <div className="page-act">{children}</div>}
    </div>
  );
}
