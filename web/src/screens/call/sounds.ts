/** Short soft tones. Each has a visual equal on the screen, so nothing is told by sound alone. */

export type Chime = "arrived" | "message" | "admitted" | "test";

const notes: Record<Chime, readonly number[]> = {
  arrived: [523.25, 659.25],
  message: [783.99],
  admitted: [523.25, 659.25, 783.99],
  test: [523.25, 659.25, 783.99],
};

const noteSec = 0.22;

type Routable = AudioContext & { setSinkId?: (id: string) => Promise<void> };

let shared: Routable | undefined;

/** Plays the notes once on the chosen speaker; resolves when they have died away. */
export async function chime(kind: Chime, speakerId = ""): Promise<void> {
  try {
    shared ??= new AudioContext();
    const context = shared;
    if (context.state === "suspended") await context.resume();
    await context.setSinkId?.(speakerId).catch(() => undefined);
    const start = context.currentTime + 0.02;
    const volume = kind === "test" ? 0.22 : 0.09;
    for (const [index, frequency] of notes[kind].entries()) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      const at = start + index * noteSec;
      oscillator.frequency.value = frequency;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(volume, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + noteSec * 2);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(at);
      oscillator.stop(at + noteSec * 2);
    }
    await new Promise((done) => setTimeout(done, (notes[kind].length + 1) * noteSec * 1000));
  } catch {
    // Without sound the visual sign still tells it.
  }
}
