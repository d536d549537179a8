/** Why a token proves nothing. `stage` is who refuses: EKS's authenticator by the token's form, STS, or EKS for want of an access entry. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly stage: 'form' | 'sts' | 'access';
  constructor(stage: TokenRefused['stage'], message: string) {
    super(message);
    this.stage = stage;
  }
}

export const badForm = (message: string): TokenRefused => new TokenRefused('form', message);
export const refusedBySts = (message: string): TokenRefused => new TokenRefused('sts', message);
