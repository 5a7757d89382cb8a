/** Starts the tablet at the desk: no account, no cookie, nothing kept; the link says which tablet it is. */
import "./kiosk.css";
import { createRoot } from "react-dom/client";
import { kioskAt } from "./hub.ts";
import { KioskPage } from "./KioskPage.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("kiosk.html has no #root");
const name = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const token = new URLSearchParams(location.search).get("token") ?? "";

createRoot(root).render(<KioskPage hub={kioskAt(name, token)} />);
