// A build as its events arrive. Pure: an older state and an event give the newer state.

import type { Build, Stage } from '@slipway/api';

export function withStage(build: Build, stage: Stage): Build {
  const known = build.stages.some((each) => each.name === stage.name);
  const stages = known ? build.stages.map((each) => (each.name === stage.name ? stage : each)) : [...build.stages, stage];
  return { ...build, state: build.state === 'queued' ? 'running' : build.state, stages };
}

export function isOver(build: Build): boolean {
  return build.state === 'done' || build.state === 'failed' || build.state === 'cancelled';
}

/** From the first stage that began to the last that ended, or null while either is missing. */
export function buildDuration(build: Build): number | null {
  const starts = build.stages.flatMap((stage) => (stage.started_at ? [Date.parse(stage.started_at)] : []));
  const ends = build.stages.flatMap((stage) => (stage.finished_at ? [Date.parse(stage.finished_at)] : []));
  return starts.length && ends.length ? Math.max(...ends) - Math.min(...starts) : null;
}
