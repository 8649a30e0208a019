import { env } from 'node:process';
import fc from 'fast-check';

// The same cases in every run, so that a change is judged by what it changes; PROPERTY_SEED=… looks at others.
fc.configureGlobal({ seed: Number(env.PROPERTY_SEED ?? 1998) });
