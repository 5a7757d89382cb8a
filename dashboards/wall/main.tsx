/** Starts a screen on a wall: no account, no cookie, nothing kept; the link says which screen it is. */
import "./wall.css";
import { createRoot } from "react-dom/client";
import { openWall } from "./live.ts";
import { WallPage } from "./WallPage.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("wall.html has no #root");
const name = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const asked = new URLSearchParams(location.search);
const token = asked.get("token") ?? "";

createRoot(root).render(
  <WallPage
    store={openWall(name, token)}
    path={`/api/wall/${encodeURIComponent(name)}`}
    query={`?token=${encodeURIComponent(token)}`}
    everyS={Number(asked.get("every") ?? 0)}
  />,
);
