// SPDX-License-Identifier: ISC
// What the build puts in place of import.meta.env.
interface ImportMeta {
  readonly env: { readonly MODE: string };
}
