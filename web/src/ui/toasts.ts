export type ToastTone = "info" | "good" | "bad";

export interface Toast {
  id: number;
  tone: ToastTone;
  text: string;
}

export interface ToastStore {
  show(text: string, tone?: ToastTone): void;
  dismiss(id: number): void;
  subscribe(listener: () => void): () => void;
  getSnapshot(): readonly Toast[];
}

const mostShown = 3;
/** Long enough to be read twice by a slow reader; failures stay until dismissed. */
const shownForMs = 7000;

export function createToasts(
  after: (fn: () => void, ms: number) => unknown = (fn, ms) => setTimeout(fn, ms),
): ToastStore {
  let toasts: readonly Toast[] = [];
  let next = 1;
  const listeners = new Set<() => void>();
  const set = (value: readonly Toast[]) => {
    toasts = value;
    for (const listener of listeners) listener();
  };
  const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));
  return {
    show(text, tone = "info") {
      const id = next++;
      const others = toasts.filter((toast) => toast.text !== text);
      set([...others, { id, tone, text }].slice(-mostShown));
      if (tone !== "bad") after(() => dismiss(id), shownForMs);
    },
    dismiss,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => toasts,
  };
}
