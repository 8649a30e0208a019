import './view-tabs.css';
import { type View, views } from '../views.js';
import { useModel } from './context.js';

/** The ways to look at a network. */
export function ViewTabs() {
  const { view } = useModel();
  const names = Object.keys(views) as View[];
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = names[(names.indexOf(view.value) + step + names.length) % names.length] as View;
    view.value = next;
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-view="${next}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="View" onKeyDown={onKeyDown}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          data-view={name}
          aria-selected={view.value === name}
          tabIndex={view.value === name ? 0 : -1}
          onClick={() => {
            view.value = name;
          }}
        >
          {views[name]}
        </button>
      ))}
    </div>
  );
}
