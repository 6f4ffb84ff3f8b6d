/** Loudness below this is the room's own noise, in the meter's 0 to 1. */
export const heardFrom = 0.12;

/** The meter's 0 to 1 for a block of samples: its effective value on a scale of -60 to -10 dB. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const effective = Math.sqrt(sum / Math.max(1, samples.length));
  if (effective === 0) return 0;
  const decibels = 20 * Math.log10(effective);
  return Math.min(1, Math.max(0, (decibels + 60) / 50));
}

/** The meter rises at once and falls slowly, so that the eye can follow. */
export function settle(shown: number, now: number): number {
  return now > shown ? now : Math.max(now, shown - 0.03);
}
