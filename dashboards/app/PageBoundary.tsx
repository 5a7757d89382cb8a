/** A page that cannot be loaded or drawn says so in its own place; the frame around it goes on. Another address tries anew. */
import { Component, type ReactNode } from "react";
import { useWords } from "../shared/language.tsx";
import { usePath } from "../shared/route.ts";

export function PageBoundary({ children }: { readonly children: ReactNode }) {
  return <Caught key={usePath()}>{children}</Caught>;
}

class Caught extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useWords();
  return (
    <div className="page" role="alert">
      <h1>{t("page.failed")}</h1>
      <p>{t("page.failed_long")}</p>
      <p>
        <a href={location.pathname}>{t("page.reload")}</a>
      </p>
    </div>
  );
}
