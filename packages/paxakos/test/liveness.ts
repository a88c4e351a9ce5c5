/** How long a test waits for an event that must come, however slow the machine is, in ms. */
export const livenessMs = 60_000;
