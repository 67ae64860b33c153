import type { Build, Stage } from '@slipway/api';
import { expect, it } from 'vitest';
import { buildDuration, isOver, withStage } from './progress.ts';

const stage = (name: string, state: Stage['state'], started_at: string | null = null, finished_at: string | null = null): Stage => ({
  name,
  title: name,
  state,
  started_at,
  finished_at,
  message: null,
});
const BUILD: Build = {
  id: 'bld_1',
  release: 'rel_1',
  state: 'queued',
  stages: [stage('icons', 'pending'), stage('code', 'pending')],
  request_id: 'req_1',
  created_at: '2026-11-21T10:00:00Z',
};

it('replaces the stage an event names and leaves the queue', () => {
  const next = withStage(BUILD, stage('icons', 'running'));
  expect(next.stages.map((each) => each.state)).toEqual(['running', 'pending']);
  expect(next.state).toBe('running');
  expect(BUILD.stages[0]?.state).toBe('pending');
});

it('appends a stage it did not know', () => {
  expect(withStage(BUILD, stage('store', 'running')).stages).toHaveLength(3);
});

it('knows an end', () => {
  expect(['queued', 'running', 'done', 'failed', 'cancelled'].map((state) => isOver({ ...BUILD, state: state as Build['state'] }))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

it('measures from first start to last end', () => {
  expect(buildDuration(BUILD)).toBeNull();
  const stages = [
    stage('icons', 'done', '2026-11-21T10:00:00.000Z', '2026-11-21T10:00:00.030Z'),
    stage('code', 'done', '2026-11-21T10:00:00.010Z', '2026-11-21T10:00:00.090Z'),
  ];
  expect(buildDuration({ ...BUILD, stages })).toBe(90);
});
