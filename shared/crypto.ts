/** The one small interface through which hashing, randomness and Ed25519 come in, in Node and in a browser. */
export interface Crypto {
  sha256(data: Uint8Array): Uint8Array;
  /** `publicKey` is the raw 32 bytes (RFC 8032). Resolves to false for any key or signature that is not valid. */
  verifyEd25519(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** Something that signs with a key it does not show: a file, later a TPM. */
export interface Signer {
  /** Raw 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
  sign(data: Uint8Array): Promise<Uint8Array>;
}
