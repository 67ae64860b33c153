// What a role may do, so that the console offers only what the server will accept. The server decides; this only hides and explains.

export type Role = 'viewer' | 'builder' | 'admin' | 'owner';

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

/** A role this console does not know yet may do nothing. */
export function may(role: string, act: Act): boolean {
  return isRole(role) && RANK[role] >= RANK[NEEDED[act]];
}

/** Roles a member may give to another: never above the own. */
export function assignableRoles(role: string): Role[] {
  return !isRole(role) ? [] : (Object.keys(RANK) as Role[]).filter((other) => RANK[other] <= RANK[role]).reverse();
}

export const ROLE_TEXT: Record<Role, { title: string; text: string }> = {
  owner: { title: 'Owner', text: 'Everything, and the signing keys' },
  admin: { title: 'Admin', text: 'Members, approvals and suspension' },
  builder: { title: 'Builder', text: 'Launches, brands and releases' },
  viewer: { title: 'Viewer', text: 'Looks, changes nothing' },
};

export function roleTitle(role: string): string {
  return isRole(role) ? ROLE_TEXT[role].title : role;
}

/** "Owner: everything, and the signing keys". */
export function roleText(role: string): string {
  return isRole(role) ? `${ROLE_TEXT[role].title}: ${ROLE_TEXT[role].text.toLowerCase()}` : role;
}

export function isRole(role: string): role is Role {
  return Object.hasOwn(RANK, role);
}
