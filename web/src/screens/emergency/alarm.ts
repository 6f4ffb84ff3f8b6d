/** The sound of an urgent call: two rising notes, again and again until it is stopped. */

let context: AudioContext | undefined;

/** Call from a press: browsers let a page make sounds only after one. */
export function armSound(): void {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  } catch {
    // Without sound the dialog and the title still tell it.
  }
}

function ring(): void {
  if (context?.state !== "running") return;
  const start = context.currentTime + 0.02;
  for (const [index, frequency] of [659.25, 880, 659.25, 880].entries()) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const at = start + index * 0.18;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.17);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.18);
  }
}

const everyMs = 2_000;
const flashMs = 1_000;

/** Rings and flashes the tab's title until the returned function is called. */
export function startAlarm(title: string): () => void {
  armSound();
  const before = document.title;
  ring();
  const ringing = setInterval(ring, everyMs);
  let lit = false;
  const flash = () => {
    lit = !lit;
    document.title = lit ? `● ${title}` : before;
  };
  flash();
  const flashing = setInterval(flash, flashMs);
  let note: Notification | undefined;
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    try {
      note = new Notification(title, { tag: "offer", requireInteraction: true });
      note.onclick = () => window.focus();
    } catch {
      // Some phones allow notifications from the service worker only: the push shows it.
    }
  }
  return () => {
    clearInterval(ringing);
    clearInterval(flashing);
    document.title = before;
    note?.close();
  };
}
