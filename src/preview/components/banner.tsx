import { useModel } from './context.js';

/** Why the pictures below are not those of the text as it is now. */
export function Banner() {
  const model = useModel();
  const { errors, run, document, current } = model;
  const [first] = errors.value;
  const count = errors.value.length;
  if (first)
    return (
      <div class="banner" role="status">
        Fix {count === 1 ? '1 error' : `${count} errors`} to run:{' '}
        <button type="button" class="link" onClick={() => model.reveal(first.range)}>
          {first.message}
        </button>
      </div>
    );
  if (!current.value)
    return (
      <div class="banner" role="status">
        There is no network in {document.value?.title} now. This is the last one.
      </div>
    );
  if (run.value.type === 'failed')
    return (
      <div class="banner" role="status">
        {run.value.message}{' '}
        <button type="button" class="link" onClick={() => model.retry()}>
          Try again
        </button>
      </div>
    );
  return null;
}
