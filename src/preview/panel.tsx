import './panel.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './components/app.js';
import { ModelProvider } from './components/context.js';
import { PreviewModel } from './model.js';

/** The panel's page: connects the model with the root element, whose attributes say how things stand. */
const root = document.querySelector<HTMLElement>('#preview');
const { worker, training } = root?.dataset ?? {};
if (root && worker && training) start(root, new PreviewModel(worker, training));

function start(root: HTMLElement, model: PreviewModel): void {
  followTheme(model);
  effect(() => {
    root.dataset.state = model.state.value;
  });
  effect(() => {
    root.dataset.run = String(model.runs.value);
  });
  root.replaceChildren();
  render(
    <ModelProvider value={model}>
      <App />
    </ModelProvider>,
    root,
  );
}

/** VS Code names the kind of its theme in the body's class. */
function followTheme(model: PreviewModel): void {
  const read = () => {
    const { classList } = document.body;
    const isLight = classList.contains('vscode-light') || classList.contains('vscode-high-contrast-light');
    model.scheme.value = isLight ? 'light' : 'dark';
  };
  read();
  new MutationObserver(read).observe(document.body, { attributeFilter: ['class'] });
}
