import { mount } from "svelte";
import App from "./App.svelte";
import { httpServer, takeToken } from "./http";
import "./style.css";

mount(App, { target: document.body, props: { server: httpServer(takeToken()) } });
