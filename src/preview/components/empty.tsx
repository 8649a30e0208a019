import './empty.css';
import { useModel } from './context.js';

const FIRST_NETWORK = `network First {
  input 32x32x3
  conv 8 5x5
  relu
  maxpool 2x2
  fc 10
  softmax
}`;

/** What to do when there is nothing to show. */
export function Empty() {
  const document = useModel().document.value;
  // As the page says before its script runs.
  if (document === undefined) return <p class="starting">Starting the preview…</p>;
  if (document === null)
    return (
      <section class="empty">
        <h1>No network yet</h1>
        <p>Open a .convnet file: its network runs here while you type.</p>
      </section>
    );
  if (document.networks === null)
    return (
      <section class="empty" aria-busy="true">
        <p>Checking {document.title}…</p>
      </section>
    );
  return (
    <section class="empty">
      <h1>No network in {document.title} yet</h1>
      <p>Write one, and it runs here while you type:</p>
      <pre>{FIRST_NETWORK}</pre>
    </section>
  );
}
