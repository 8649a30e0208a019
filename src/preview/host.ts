import type { HostMessage, PanelMessage, PanelState } from './protocol.js';

/** What VS Code gives a webview's page. */
interface VsCodeApi {
  postMessage(message: PanelMessage): void;
  getState(): PanelState | undefined;
  setState(state: PanelState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The page's end of the extension. VS Code hands its interface out once a page. */
const api = acquireVsCodeApi();

export const send = (message: PanelMessage): void => api.postMessage(message);

export const loadState = (): PanelState => api.getState() ?? {};

export const saveState = (state: PanelState): void => api.setState(state);

export const onMessage = (receive: (message: HostMessage) => void): void =>
  addEventListener('message', ({ data }: MessageEvent<HostMessage>) => receive(data));
