import { mount } from "svelte";
import App from "./App.svelte";
import { recordedIn, recordedServer } from "./recorded";
import "./style.css";

const recorded = recordedIn(document);
if (recorded) {
  const target = document.getElementById("app") ?? document.body;
  mount(App, { target, props: { server: recordedServer(recorded), recorded } });
}
