import { queryOptions } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import type { SecondFactor, SignInStep } from "../api/types";
import { keys } from "./keys";
import { askPasskey } from "./passkey";

export const configQuery = queryOptions({
  queryKey: keys.config,
  queryFn: () => ok(api.GET("/config")),
  staleTime: Number.POSITIVE_INFINITY,
});

export type Factor = SecondFactor["factor"];

/** A sign-in under way: each call answers what the server asked for and returns what it asks next. */
export class SignInTalk {
  private readonly attempt: string;

  private constructor(attempt: string) {
    this.attempt = attempt;
  }

  static async start(
    login: string,
    clinicId: string | undefined,
  ): Promise<[SignInTalk, SignInStep]> {
    const body = { login, ...(clinicId ? { clinicId } : {}) };
    const step = await ok(api.POST("/sign-in", { body }));
    return [new SignInTalk(step.attempt ?? ""), step];
  }

  /** A passkey says itself whose it is. */
  static async byPasskey(clinicId: string | undefined): Promise<SignInStep> {
    const step = await ok(api.POST("/sign-in/passkey", { body: clinicId ? { clinicId } : {} }));
    return new SignInTalk(step.attempt ?? "").signed(step.options);
  }

  password(password: string): Promise<SignInStep> {
    return ok(api.POST("/sign-in/password", { body: { attempt: this.attempt, password } }));
  }

  send(channel?: SecondFactor["channel"]): Promise<SignInStep> {
    const body = { attempt: this.attempt, ...(channel ? { channel } : {}) };
    return ok(api.POST("/sign-in/send", { body }));
  }

  person(personId: string): Promise<SignInStep> {
    return ok(api.POST("/sign-in/person", { body: { attempt: this.attempt, personId } }));
  }

  code(factor: "code" | "app" | "recovery", code: string): Promise<SignInStep> {
    const body = { attempt: this.attempt, code };
    switch (factor) {
      case "code":
        return ok(api.POST("/sign-in/code", { body }));
      case "app":
        return ok(api.POST("/sign-in/app", { body }));
      case "recovery":
        return ok(api.POST("/sign-in/recovery", { body }));
    }
  }

  async passkey(): Promise<SignInStep> {
    const step = await ok(api.POST("/sign-in/passkey", { body: { attempt: this.attempt } }));
    return this.signed(step.options);
  }

  private async signed(options: unknown): Promise<SignInStep> {
    const credential = await askPasskey(options);
    const body = { attempt: this.attempt, credential };
    return ok(api.POST("/sign-in/passkey/answer", { body }));
  }
}
