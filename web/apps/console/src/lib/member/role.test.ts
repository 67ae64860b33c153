import { expect, it } from 'vitest';
import { assignableRoles, may } from './role.ts';

it.each([
  ['viewer', 'launch', false],
  ['builder', 'launch', true],
  ['builder', 'approve_brand', false],
  ['admin', 'approve_brand', true],
  ['admin', 'delete_app', false],
  ['owner', 'delete_app', true],
  ['auditor', 'launch', false],
] as const)('%s may %s: %s', (role, act, allowed) => expect(may(role, act)).toBe(allowed));

it('never lets a member hand out more than the own role', () => {
  expect(assignableRoles('admin')).toEqual(['admin', 'builder', 'viewer']);
  expect(assignableRoles('owner')).toEqual(['owner', 'admin', 'builder', 'viewer']);
});
