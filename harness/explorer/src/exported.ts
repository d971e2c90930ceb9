import { mount } from "svelte";
import App from "./App.svelte";
import { recordedIn, recordedServer } from "./recorded";
import "./style.css";

const recorded = recordedIn(document);
if (recorded) mount(App, { target: document.body, props: { server: recordedServer(recorded) } });
