/** Keys of alerts: at most one is open per key. */
export const check = (hostId: string, checkId: string) => `check-failing:${hostId}:${checkId}`;
export const failing = (hostId: string) => `host-failing:${hostId}`;
export const silent = (hostId: string) => `host-silent:${hostId}`;
/** A host that is in the contract and has no agent. */
export const bare = (contractId: string) => `host-silent:contract:${contractId}`;
/** So many hosts fell silent that it is told as one. */
export const manySilent = 'host-silent:many';
export const rollback = (hostId: string) => `host-rollback:${hostId}`;
export const gap = (hostId: string) => `report-gap:${hostId}`;
export const cloned = (hostId: string) => `host-cloned:${hostId}`;
export const channel = (name: string) => `channel-failing:${name}`;
