// What a role may do, so that the console offers only what the server will accept. The server decides; this only hides and explains.

import type { Role } from '@slipway/api';

const RANK: Record<Role, number> = { viewer: 0, builder: 1, admin: 2, owner: 3 };

const NEEDED = {
  launch: 'builder',
  edit_brand: 'builder',
  release: 'builder',
  approve_brand: 'admin',
  manage_members: 'admin',
  suspend_app: 'admin',
  rename_partner: 'admin',
  export_key: 'owner',
  delete_app: 'owner',
} as const satisfies Record<string, Role>;

export type Act = keyof typeof NEEDED;

export function may(role: Role, act: Act): boolean {
  return RANK[role] >= RANK[NEEDED[act]];
}

/** Roles a member may give to another: never above the own. */
export function assignableRoles(role: Role): Role[] {
  return (Object.keys(RANK) as Role[]).filter((other) => RANK[other] <= RANK[role]).reverse();
}

export const ROLE_TEXT: Record<Role, { title: string; text: string }> = {
  owner: { title: 'Owner', text: 'Everything, and the signing keys' },
  admin: { title: 'Admin', text: 'Members, approvals and suspension' },
  builder: { title: 'Builder', text: 'Launches, brands and releases' },
  viewer: { title: 'Viewer', text: 'Looks, changes nothing' },
};
